import { Table } from "antd";
import type { Measure } from "../api/models";
import { count, NONE, percent } from "../format/number";
import { dateTime, duration } from "../format/time";
import { type Text, useText } from "../text/text";
import { Sparkline } from "./sparkline";
import { StatusTag } from "./status";
import { Why } from "./why";

/** A measure's value in its unit: shares as percent, lengths as m:ss, the rest as counts. */
export function measureValue(value: string | undefined, unit: string): string {
  if (value === undefined || value === "") return NONE;
  if (unit === "share" || unit === "ratio" || unit === "percent") return percent(value);
  if (unit === "seconds") return duration(Number(value));
  return count(value, Number.isInteger(Number(value)) ? 0 : 1);
}

/** Name of a measure: the catalogue's, or the server's where the contract defines its own. */
export function measureName(t: Text, measure: Measure): string {
  return t.of(`screen.kpi.${measure.key}`, measure.name);
}

/** The table of measures: target, actual, status, recent periods, counts behind. */
export function MeasureTable(props: { measures: Measure[]; zone: string; computedAt: string }) {
  const t = useText();
  return (
    <Table<Measure>
      size="small"
      rowKey="key"
      pagination={false}
      dataSource={props.measures}
      scroll={{ x: "max-content" }}
      columns={[
        { title: t("screen.measure.name"), render: (_, m) => <strong>{measureName(t, m)}</strong> },
        {
          title: t("screen.measure.actual"),
          align: "right",
          render: (_, m) => (
            <Why
              title={measureName(t, m)}
              definition={t.of(`screen.definition.${m.key}`, m.definition ?? "")}
              reasons={[
                { name: t("screen.measure.actual"), value: measureValue(m.actual, m.unit) },
                { name: t("screen.measure.numerator"), value: count(m.numerator) },
                { name: t("screen.measure.denominator"), value: count(m.denominator) },
                { name: t("screen.measure.computed_at"), value: dateTime(props.computedAt, props.zone) },
              ]}
            >
              {measureValue(m.actual, m.unit)}
            </Why>
          ),
        },
        { title: t("screen.measure.status"), render: (_, m) => <StatusTag status={m.status} /> },
        {
          title: t("screen.measure.target"),
          align: "right",
          render: (_, m) => measureValue(m.target, m.unit),
        },
        {
          title: t("screen.measure.history"),
          render: (_, m) => (
            <Sparkline
              values={m.history.map((h) => (h.actual ? Number(h.actual) : null))}
              target={m.target ? Number(m.target) : undefined}
              label={t("screen.measure.history_label", {
                name: measureName(t, m),
                values: m.history.map((h) => `${h.period} ${measureValue(h.actual, m.unit)}`).join(", "),
              })}
            />
          ),
        },
        {
          title: t("screen.measure.counts"),
          align: "right",
          render: (_, m) => `${count(m.numerator)} / ${count(m.denominator)}`,
        },
      ]}
    />
  );
}
