import { useQuery } from "@tanstack/react-query";
import { Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import type { AdjustmentInput, Forecast, Queue } from "../../api/models";
import { seriesQuery } from "../../api/queries";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { type Range, RangeFields, rangeSpan } from "./range";
import { total } from "./series";
import { horizonOf } from "./versions";
import "./forecast.css";

/** The changes of a whole range. */
export const rangeKinds = ["multiply", "deflect", "escalate", "handling"] as const;
export type RangeKind = (typeof rangeKinds)[number];

/** Whether a kind's value is a share of the contacts, given in per cent. */
const isShare = (kind: RangeKind) => kind === "deflect" || kind === "escalate";

/** Changes a range, with its name and what it comes to before it is done. */
export function RangeDialog(props: {
  forecast: Forecast;
  queues: Queue[];
  queueId: string | undefined;
  title: string;
  okText: string;
  onClose: () => void;
  onApply: (change: AdjustmentInput) => void;
}) {
  const t = useText();
  const { forecast } = props;
  const horizon = horizonOf(forecast);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<RangeKind>("multiply");
  const [queue, setQueue] = useState(props.queueId ?? "");
  const [toQueue, setToQueue] = useState<string>();
  const [value, setValue] = useState<number | null>(null);
  const [range, setRange] = useState<Range>({
    first: horizon.first,
    last: horizon.first,
    from: "00:00",
    to: "24:00",
  });
  const span = rangeSpan(range, forecast.zone);
  const inside = useQuery({
    ...seriesQuery(forecast.id, queue || undefined, span?.from, span?.to),
    enabled: span !== undefined,
  });
  const now = span && inside.data ? total(inside.data.points.map((p) => p.forecast)) : null;
  const figure = value === null ? null : isShare(kind) ? value / 100 : value;
  const ready =
    name.trim() !== "" &&
    figure !== null &&
    span !== undefined &&
    (kind !== "escalate" || (toQueue !== undefined && toQueue !== queue));
  const names = [
    { value: "", label: t("screen.forecast.all_queues") },
    ...props.queues.map((q) => ({ value: q.id, label: q.name })),
  ];
  return (
    <Modal
      open
      title={props.title}
      okText={props.okText}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !ready }}
      onCancel={props.onClose}
      onOk={() => {
        if (!ready) return;
        props.onApply({
          name: name.trim(),
          kind,
          value: figure,
          ...span,
          ...(queue && { queue_id: queue }),
          ...(kind === "escalate" && { to_queue_id: toQueue }),
        });
        props.onClose();
      }}
    >
      <label className="field">
        <span>{t("screen.adjust.name")}</span>
        <Input
          autoFocus
          maxLength={200}
          value={name}
          placeholder={t("screen.adjust.name_example")}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <div className="range-fields">
        <label className="field">
          <span>{t("screen.adjust.what")}</span>
          <Select
            value={kind}
            onChange={(next) => {
              setKind(next);
              setValue(null);
            }}
            options={rangeKinds.map((k) => ({ value: k, label: t(`screen.adjust.kind_${k}`) }))}
          />
        </label>
        <label className="field">
          <span>{t(isShare(kind) ? "screen.adjust.share" : "screen.adjust.factor")}</span>
          <InputNumber
            min={kind === "handling" ? 0.01 : 0}
            max={100}
            step={isShare(kind) ? 1 : 0.1}
            value={value}
            onChange={setValue}
            style={{ width: "100%" }}
            prefix={isShare(kind) ? "%" : "×"}
          />
        </label>
        <label className="field">
          <span>{t("screen.forecast.queue")}</span>
          <Select value={queue} onChange={setQueue} options={names} />
        </label>
        {kind === "escalate" && (
          <label className="field">
            <span>{t("screen.adjust.to_queue")}</span>
            <Select
              value={toQueue}
              onChange={setToQueue}
              options={names.filter((option) => option.value !== "" && option.value !== queue)}
            />
          </label>
        )}
      </div>
      <RangeFields range={range} zone={forecast.zone} horizon={horizon} onChange={setRange} />
      <p aria-live="polite">
        {span === undefined
          ? t("screen.adjust.range_empty")
          : now !== null && t("screen.adjust.effect", effect(kind, now, figure))}
      </p>
    </Modal>
  );
}

/** Contacts of the range before and after; handling times leave them as they are. */
function effect(kind: RangeKind, now: number, figure: number | null): { now: string; then: string } {
  const factor = figure === null || kind === "handling" ? 1 : kind === "deflect" ? 1 - figure : figure;
  const then = kind === "escalate" ? now : now * factor;
  return { now: count(now), then: count(then) };
}
