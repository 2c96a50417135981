import { Button } from "antd";
import type { Adjustment, Forecast, Queue } from "../../api/models";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { count, NONE, percent } from "../../format/number";
import { dateTime, dayLabel, timeOfDay } from "../../format/time";
import { type Text, useText } from "../../text/text";
import type { Edits } from "./edits";

/** What an adjustment does, in words. */
export function adjustmentText(
  t: Text,
  a: Adjustment,
  zone: string,
  queueName: (id: string | undefined) => string,
): string {
  if (a.kind === "day_total")
    return t("screen.adjust.day_total_is", {
      day: dayLabel(`${a.day}T00:00:00Z`, "UTC"),
      value: count(a.value),
    });
  if (a.kind === "cells")
    return a.source
      ? t("screen.adjust.cells_file", { count: count(a.cell_count), file: a.source })
      : t("screen.adjust.cells", { count: count(a.cell_count) });
  const at = (instant: string | undefined) =>
    instant ? `${dayLabel(instant, zone)} ${timeOfDay(instant, zone)}` : NONE;
  const range = t("screen.adjust.range", { from: at(a.from), to: at(a.to) });
  if (a.kind === "deflect") return `${t("screen.adjust.deflect_is", { share: percent(a.value) })} · ${range}`;
  if (a.kind === "escalate")
    return `${t("screen.adjust.escalate_is", { share: percent(a.value), queue: queueName(a.to_queue_id) })} · ${range}`;
  const what = a.kind === "handling" ? "screen.adjust.handling_is" : "screen.adjust.times";
  return `${t(what, { factor: count(a.value, 2) })} · ${range}`;
}

/** The named changes of a version, the latest first; each can be taken back while it is a draft. */
export function Adjustments(props: {
  forecast: Forecast;
  adjustments: Adjustment[];
  queues: Queue[];
  edits: Edits;
  editable: boolean;
  onMultiply: () => void;
}) {
  const t = useText();
  const { user } = useSession();
  const { forecast, edits } = props;
  const reversible = props.editable && forecast.status === "draft";
  const queueName = (id: string | undefined) =>
    id ? (props.queues.find((queue) => queue.id === id)?.name ?? NONE) : t("screen.forecast.all_queues");
  return (
    <Block
      flush
      title={t("screen.adjust.title")}
      extra={props.editable && <Button onClick={props.onMultiply}>{t("screen.adjust.range_action")}</Button>}
    >
      {props.adjustments.length === 0 ? (
        <p className="soft adjust-none">{t("screen.adjust.none")}</p>
      ) : (
        <DataTable<Adjustment>
          rowKey="id"
          dataSource={[...props.adjustments].reverse()}
          rowClassName={(a) => (a.undone ? "adjust-undone" : "")}
          scroll={{ x: "max-content", y: 220 }}
          columns={[
            { title: t("screen.adjust.name"), render: (_, a) => a.name },
            {
              title: t("screen.adjust.what"),
              render: (_, a) => adjustmentText(t, a, forecast.zone, queueName),
            },
            { title: t("screen.forecast.queue"), render: (_, a) => queueName(a.queue_id) },
            {
              title: t("screen.adjust.by"),
              render: (_, a) => (a.by === user.id ? t("screen.adjust.you") : NONE),
            },
            { title: t("screen.adjust.at"), render: (_, a) => dateTime(a.at, forecast.zone) },
            {
              title: t("screen.adjust.state"),
              render: (_, a) => t(a.undone ? "screen.adjust.undone" : "screen.adjust.in_force"),
            },
            ...(reversible
              ? [
                  {
                    title: "",
                    key: "action",
                    render: (_: unknown, a: Adjustment) => (
                      <Button type="link" disabled={edits.busy} onClick={() => edits.setUndone(a, !a.undone)}>
                        {t(a.undone ? "screen.adjust.redo" : "screen.adjust.undo")}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Block>
  );
}
