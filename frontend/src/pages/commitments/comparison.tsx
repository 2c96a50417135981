import { useQuery } from "@tanstack/react-query";
import type { ComparedWeek, Forecast, Queue } from "../../api/models";
import { comparisonQuery } from "../../api/queries";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { Loaded } from "../../components/states";
import { count, percent } from "../../format/number";
import { dateLabel } from "../../format/time";
import { useText } from "../../text/text";
import { comparable } from "../forecast/versions";

/** The client's newest forecast and the newest of ours in force that shares days with it. */
export function counterparts(forecasts: Forecast[]): { theirs: Forecast; ours: Forecast } | undefined {
  for (const theirs of forecasts.filter((f) => f.settings.source === "client")) {
    const ours = comparable(theirs, forecasts).find(
      (f) => f.settings.source !== "client" && f.status !== "draft",
    );
    if (ours) return { theirs, ours };
  }
  return undefined;
}

/** Our forecast beside the client's, week by week, and who came closer. */
export function Comparison({ forecasts, queues }: { forecasts: Forecast[]; queues: Queue[] }) {
  const t = useText();
  const pair = counterparts(forecasts);
  const compared = useQuery({
    ...comparisonQuery(pair?.ours.id ?? "", pair?.theirs.id),
    enabled: pair !== undefined,
  });
  const right = { align: "right" as const };
  if (!pair)
    return (
      <Block title={t("screen.commitments.comparison")}>
        <p className="soft">{t("screen.commitments.no_comparison")}</p>
      </Block>
    );
  return (
    <Loaded query={compared} skeleton={<div className="skeleton" style={{ height: 160 }} />}>
      {(found) => (
        <Block
          flush
          title={t("screen.commitments.comparison_of", {
            ours: pair.ours.version,
            theirs: pair.theirs.version,
          })}
        >
          <DataTable<ComparedWeek>
            rowKey={(row) => `${row.queue_id ?? ""} ${row.week}`}
            dataSource={found.weeks ?? []}
            pagination={{ pageSize: 20, showSizeChanger: false, hideOnSinglePage: true }}
            columns={[
              {
                title: t("screen.forecast.queue"),
                render: (_, row) =>
                  row.queue_id
                    ? queues.find((queue) => queue.id === row.queue_id)?.name
                    : t("screen.forecast.all_queues"),
              },
              {
                title: t("screen.accuracy.week"),
                render: (_, row) => dateLabel(`${row.week}T00:00:00Z`, "UTC"),
              },
              { title: t("screen.commitments.ours"), ...right, render: (_, row) => count(row.first) },
              { title: t("screen.commitments.theirs"), ...right, render: (_, row) => count(row.second) },
              {
                title: t("screen.scenario.difference"),
                ...right,
                render: (_, row) => <strong>{percent(row.bias)}</strong>,
              },
              { title: t("screen.series.actual"), ...right, render: (_, row) => count(row.actual) },
              {
                title: t("screen.commitments.ours_wape"),
                ...right,
                render: (_, row) => percent(row.first_wape),
              },
              {
                title: t("screen.commitments.theirs_wape"),
                ...right,
                render: (_, row) => percent(row.second_wape),
              },
              { title: t("screen.forecast.floor"), ...right, render: (_, row) => percent(row.floor) },
            ]}
          />
        </Block>
      )}
    </Loaded>
  );
}
