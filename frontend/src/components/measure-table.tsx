import { Button } from "antd";
import type { Measure, Status } from "../api/models";
import { count, NONE, percent } from "../format/number";
import { dateTime, duration } from "../format/time";
import { type Text, useText } from "../text/text";
import { Sparkline } from "./sparkline";
import { StatusTag } from "./status";
import { Why } from "./why";
import { DataTable } from "./data-table";

/** A measure's value in its unit: shares as percent, lengths as m:ss, the rest as counts. */
export function measureValue(value: string | undefined, unit: string): string {
  if (value === undefined || value === "") return NONE;
  if (unit === "share" || unit === "ratio" || unit === "percent") return percent(value);
  if (unit === "seconds") return duration(Number(value));
  return count(value, Number.isInteger(Number(value)) ? 0 : 1);
}

/** Name of a measure: the catalogue's, or the server's where the contract defines its own. */
export function measureName(t: Text, measure: Measure): string {
  return t.of(`screen.kpi.${measure.key}`, measure.key);
}

/** A calendar month as `2026-11`, of its first date. */
const monthOf = (date: string) => date.slice(0, 7);

/** Measures whose counts are times, which the server sums in milliseconds. */
const TIMED: Record<string, "numerator" | "both"> = { asa: "numerator", aht: "numerator", occupancy: "both" };

/** What stands behind a measure: counts as they are, times in hours. */
export function behind(measure: Measure): { numerator: string; denominator: string } {
  const timed = TIMED[measure.key];
  const hours = (ms: number) => `${count(ms / 3_600_000, 1)} h`;
  return {
    numerator: timed ? hours(measure.numerator) : count(measure.numerator),
    denominator: timed === "both" ? hours(measure.denominator) : count(measure.denominator),
  };
}

/** The table of measures: actual, status, target, recent periods, counts behind. */
export function MeasureTable(props: {
  measures: Measure[];
  zone: string;
  computedAt: string;
  /** Opens the rows behind a measure. */
  onRows: (measure: Measure) => void;
}) {
  const t = useText();
  return (
    <DataTable<Measure>
      rowKey="id"
      dataSource={props.measures}
      columns={[
        { title: t("screen.measure.name"), render: (_, m) => <strong>{measureName(t, m)}</strong> },
        {
          title: t("screen.measure.actual"),
          align: "right",
          render: (_, m) => (
            <Why
              title={measureName(t, m)}
              definition={`${m.definition.numerator} ÷ ${m.definition.denominator}`}
              reasons={[
                { name: t("screen.measure.actual"), value: measureValue(m.actual, m.unit) },
                { name: t("screen.measure.numerator"), value: behind(m).numerator },
                { name: t("screen.measure.denominator"), value: behind(m).denominator },
                { name: t("screen.measure.formula"), value: m.formula },
                { name: t("screen.measure.computed_at"), value: dateTime(props.computedAt, props.zone) },
                ...(m.note ? [{ name: t("screen.measure.note"), value: m.note }] : []),
              ]}
              action={
                <Button type="link" onClick={() => props.onRows(m)}>
                  {t("screen.measure.rows")}
                </Button>
              }
            >
              {measureValue(m.actual, m.unit)}
            </Why>
          ),
        },
        { title: t("screen.measure.status"), render: (_, m) => <StatusTag status={m.status as Status} /> },
        {
          title: t("screen.measure.target"),
          align: "right",
          render: (_, m) => `${m.better === "lower" ? "≤" : "≥"} ${measureValue(m.target, m.unit)}`,
        },
        {
          title: t("screen.measure.history"),
          render: (_, m) => (
            <Sparkline
              values={(m.history ?? []).map((h) => (h.value ? Number(h.value) : null))}
              target={Number(m.target)}
              label={t("screen.measure.history_label", {
                name: measureName(t, m),
                values: (m.history ?? [])
                  .map((h) => `${monthOf(h.from)} ${measureValue(h.value, m.unit)}`)
                  .join(", "),
              })}
            />
          ),
        },
        {
          title: t("screen.measure.counts"),
          align: "right",
          render: (_, m) => `${behind(m).numerator} / ${behind(m).denominator}`,
        },
      ]}
    />
  );
}
