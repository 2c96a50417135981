import type { Series, SeriesPoint } from "../../api/models";
import { Block } from "../../components/page-header";
import { count, share } from "../../format/number";
import { dayLabel, duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { DataTable } from "../../components/data-table";

/** The same data as the curve, figure by figure. */
export function SeriesTable({ series }: { series: Series }) {
  const t = useText();
  const daily = series.interval_seconds >= 86_400;
  const right = { align: "right" as const };
  return (
    <Block flush>
      <DataTable<SeriesPoint>
        virtual
        rowKey="start"
        scroll={{ y: 330, x: 860 }}
        dataSource={series.points}
        columns={[
          {
            title: t("screen.series.start", { zone: series.zone }),
            width: 190,
            render: (_, p) => (
              <>
                {dayLabel(p.start, series.zone)} {!daily && timeOfDay(p.start, series.zone)}
              </>
            ),
          },
          { title: t("screen.series.actual"), ...right, width: 90, render: (_, p) => count(p.actual) },
          { title: t("screen.series.forecast"), ...right, width: 90, render: (_, p) => count(p.forecast, 1) },
          {
            title: t("screen.series.deviation"),
            ...right,
            width: 90,
            render: (_, p) =>
              p.actual === null || p.forecast === null ? "–" : share(p.actual - p.forecast, p.forecast),
          },
          {
            title: t("screen.series.band"),
            ...right,
            width: 120,
            render: (_, p) => (p.low === null ? "–" : `${count(p.low, 1)} – ${count(p.high, 1)}`),
          },
          { title: t("screen.series.last_week"), ...right, width: 90, render: (_, p) => count(p.last_week) },
          {
            title: t("screen.series.aht"),
            ...right,
            width: 90,
            render: (_, p) => (p.aht_seconds === null ? "–" : duration(p.aht_seconds)),
          },
          {
            title: t("screen.series.requirement"),
            ...right,
            width: 100,
            render: (_, p) => count(p.requirement),
          },
        ]}
      />
    </Block>
  );
}
