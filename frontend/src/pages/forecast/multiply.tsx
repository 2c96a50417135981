import { useQuery } from "@tanstack/react-query";
import { Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import type { Forecast, Queue } from "../../api/models";
import { seriesQuery } from "../../api/queries";
import { count } from "../../format/number";
import { addDays, dayStart } from "../../format/time";
import { useText } from "../../text/text";
import type { AdjustmentInput } from "./edits";
import { total } from "./series";
import { horizonOf } from "./versions";

/** A range of whole or part days of a forecast. */
interface Range {
  first: string;
  last: string;
  from: string;
  to: string;
}

/** The quarter hours of a day; 24:00 is its end. */
const clocks = Array.from(
  { length: 97 },
  (_, i) => `${String(Math.floor(i / 4)).padStart(2, "0")}:${String((i % 4) * 15).padStart(2, "0")}`,
);

/** The instants of a range, from the first day's time to the last day's. */
export function rangeSpan(range: Range, zone: string): { from: string; to: string } | undefined {
  const minutes = (clock: string) => {
    const [h, m] = clock.split(":").map(Number);
    return (h ?? 0) * 60 + (m ?? 0);
  };
  if (!range.first || !range.last) return undefined;
  const from = dayStart(range.first, zone) + minutes(range.from) * 60_000;
  const until = minutes(range.to);
  const to =
    until === 1440 ? dayStart(addDays(range.last, 1), zone) : dayStart(range.last, zone) + until * 60_000;
  if (!(to > from)) return undefined;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** Multiplies a range, with its name and what it comes to before it is done. */
export function MultiplyDialog(props: {
  forecast: Forecast;
  queues: Queue[];
  queueId: string | undefined;
  onClose: () => void;
  onApply: (change: AdjustmentInput) => void;
}) {
  const t = useText();
  const { forecast } = props;
  const horizon = horizonOf(forecast);
  const [name, setName] = useState("");
  const [queue, setQueue] = useState(props.queueId ?? "");
  const [factor, setFactor] = useState<number | null>(null);
  const [range, setRange] = useState<Range>({
    first: horizon.first,
    last: horizon.first,
    from: "00:00",
    to: "24:00",
  });
  const span = rangeSpan(range, forecast.zone);
  const set = (part: Partial<Range>) => setRange({ ...range, ...part });
  const inside = useQuery({
    ...seriesQuery(forecast.id, queue || undefined, span?.from, span?.to),
    enabled: span !== undefined,
  });
  const now = span && inside.data ? total(inside.data.points.map((p) => p.forecast)) : null;
  const ready = name.trim() !== "" && factor !== null && span !== undefined;
  return (
    <Modal
      open
      title={t("screen.adjust.multiply_title")}
      okText={t("screen.adjust.multiply_do")}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !ready }}
      onCancel={props.onClose}
      onOk={() => {
        if (!ready) return;
        props.onApply({
          name: name.trim(),
          kind: "multiply",
          value: factor,
          ...span,
          ...(queue && { queue_id: queue }),
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
      <label className="field">
        <span>{t("screen.forecast.queue")}</span>
        <Select
          value={queue}
          onChange={setQueue}
          options={[
            { value: "", label: t("screen.forecast.all_queues") },
            ...props.queues.map((q) => ({ value: q.id, label: q.name })),
          ]}
        />
      </label>
      <RangeFields range={range} zone={forecast.zone} horizon={horizon} onChange={set} />
      <label className="field">
        <span>{t("screen.adjust.factor")}</span>
        <InputNumber
          min={0}
          max={100}
          step={0.1}
          value={factor}
          onChange={setFactor}
          style={{ width: 120 }}
          prefix="×"
        />
      </label>
      <p aria-live="polite">
        {span === undefined
          ? t("screen.adjust.range_empty")
          : now !== null &&
            t("screen.adjust.effect", {
              now: count(now),
              then: count(factor === null ? null : now * factor),
            })}
      </p>
    </Modal>
  );
}

function RangeFields(props: {
  range: Range;
  zone: string;
  horizon: { first: string; last: string };
  onChange: (part: Partial<Range>) => void;
}) {
  const t = useText();
  const { range, horizon } = props;
  const day = (label: string, key: "first" | "last") => (
    <label className="field">
      <span>{label}</span>
      <Input
        type="date"
        value={range[key]}
        min={horizon.first}
        max={horizon.last}
        onChange={(event) => props.onChange({ [key]: event.target.value })}
      />
    </label>
  );
  const clock = (label: string, key: "from" | "to", options: string[]) => (
    <label className="field">
      <span>{label}</span>
      <Select
        showSearch
        value={range[key]}
        onChange={(value: string) => props.onChange({ [key]: value })}
        options={options.map((value) => ({ value, label: value }))}
      />
    </label>
  );
  return (
    <div className="range-fields">
      {day(t("screen.adjust.first_day"), "first")}
      {clock(t("screen.adjust.from_time", { zone: props.zone }), "from", clocks.slice(0, -1))}
      {day(t("screen.adjust.last_day"), "last")}
      {clock(t("screen.adjust.to_time"), "to", clocks.slice(1))}
    </div>
  );
}
