import { Input, Select } from "antd";
import { addDays, dayStart } from "../../format/time";
import { useText } from "../../text/text";

/** A range of whole or part days of a forecast. */
export interface Range {
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

/** The instants of a range, from the first day's time to the last day's; undefined for an empty one. */
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

/** Chooses a range within a horizon. */
export function RangeFields(props: {
  range: Range;
  zone: string;
  horizon: { first: string; last: string };
  onChange: (range: Range) => void;
}) {
  const t = useText();
  const { range, horizon } = props;
  const set = (part: Partial<Range>) => props.onChange({ ...range, ...part });
  const day = (label: string, key: "first" | "last") => (
    <label className="field">
      <span>{label}</span>
      <Input
        type="date"
        value={range[key]}
        min={horizon.first}
        max={horizon.last}
        onChange={(event) => set({ [key]: event.target.value })}
      />
    </label>
  );
  const clock = (label: string, key: "from" | "to", options: string[]) => (
    <label className="field">
      <span>{label}</span>
      <Select
        showSearch
        value={range[key]}
        onChange={(value: string) => set({ [key]: value })}
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
