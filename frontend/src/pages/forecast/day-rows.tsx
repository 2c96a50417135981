import type { ReactNode } from "react";
import type { Adjustment, AdjustmentInput } from "../../api/models";
import type { CurvePoint, CurveSeries } from "../../components/chart/forecast-option";
import type { GridCell, GridColumn, GridEdit, GridRow } from "../../components/edit-grid/model";
import { count, NONE, share } from "../../format/number";
import { dayOf, duration, shortDate, timeOfDay, weekday } from "../../format/time";
import type { Text } from "../../text/text";
import { byDay, pointsByDay, type SpecialDate } from "./series";

/** What the rows of intervals show. */
export type Measure = "forecast" | "actual" | "last_week" | "last_year" | "requirement" | "aht_seconds";

export const measures: Measure[] = [
  "forecast",
  "actual",
  "last_week",
  "last_year",
  "requirement",
  "aht_seconds",
];

/** The table under the curve: days across; totals on top, intervals below. */
export interface DayGrid {
  days: string[];
  columns: GridColumn[];
  rows: GridRow[];
  /** Rows on top that are totals. */
  totals: number;
  /** The day total, or the interval, that a cell stands for. */
  target: (edit: GridEdit) => { day: string; point?: CurvePoint } | undefined;
}

export interface DayGridInput {
  series: CurveSeries;
  special: SpecialDate[];
  measure: Measure;
  lastYear: boolean;
  /** One queue, not the sum of all. */
  single: boolean;
  /** Whether a day's figures may be changed. */
  editable: (day: string) => boolean;
  /** Days that an adjustment has touched. */
  changed: Set<string>;
}

/** Lays a series out as a table of days. */
export function dayGrid(t: Text, input: DayGridInput): DayGrid {
  const { series, special } = input;
  const days = pointsByDay(series);
  const keys = [...days.keys()];
  const totals = byDay(series).points;
  const names = new Map(special.map((date) => [date.date, date.name]));
  const head = totalRows(t, keys, totals, input);
  const clock = clockRows(t, keys, days, input);
  return {
    days: keys,
    columns: keys.map((day) => ({
      key: day,
      head: <DayHead day={day} special={names.get(day)} />,
      className: names.has(day) ? "edit-grid-special" : undefined,
    })),
    rows: [...head.map((row) => row.row), ...clock.map((row) => row.row)],
    totals: head.length,
    target: ({ row, col }) => {
      const day = keys[col];
      if (!day) return undefined;
      if (row < head.length) return head[row]!.row.key === "forecast" ? { day } : undefined;
      const point = clock[row - head.length]?.points[col];
      return point && input.measure === "forecast" ? { day, point } : undefined;
    },
  };
}

function DayHead({ day, special }: { day: string; special: string | undefined }): ReactNode {
  const at = `${day}T00:00:00Z`;
  return (
    <>
      <strong>{weekday(at, "UTC")}</strong> {shortDate(day)}
      <br />
      <span className="day-special" title={special}>
        {special ?? "\u00a0"}
      </span>
    </>
  );
}

const plain = (value: number | null | undefined, digits = 0): GridCell => ({
  text: count(value, digits),
  value: value === null || value === undefined ? null : Number(value.toFixed(digits)),
  editable: false,
});

function totalRows(t: Text, days: string[], totals: CurvePoint[], input: DayGridInput): { row: GridRow }[] {
  const row = (
    key: string,
    label: string,
    cell: (p: CurvePoint, day: string) => GridCell,
    className?: string,
  ) => ({
    row: { key, name: label, label, className, cells: totals.map((p, i) => cell(p, days[i]!)) },
  });
  const rows = [
    row("actual", t("screen.series.actual"), (p) => plain(p.actual)),
    row(
      "forecast",
      t("screen.series.forecast_total"),
      (p, day) => ({
        ...plain(p.forecast),
        editable: p.forecast !== null && input.editable(day),
        className: input.changed.has(day) ? "edit-grid-changed" : undefined,
      }),
      "edit-grid-strong",
    ),
    row(
      "deviation",
      t("screen.series.deviation"),
      (p) => ({
        text: p.actual === null || p.forecast === null ? NONE : share(p.actual - p.forecast, p.forecast),
        value: p.actual === null || !p.forecast ? null : (p.actual - p.forecast) / p.forecast,
        editable: false,
      }),
      "edit-grid-soft",
    ),
    row(
      "band",
      t("screen.series.band"),
      (p) => ({
        text: p.low === null ? NONE : `${count(p.low)}–${count(p.high)}`,
        value: null,
        editable: false,
      }),
      "edit-grid-soft",
    ),
    row("last_week", t("screen.series.last_week"), (p) => plain(p.last_week), "edit-grid-soft"),
  ];
  if (input.lastYear)
    rows.push(row("last_year", t("screen.series.last_year"), (p) => plain(p.last_year), "edit-grid-soft"));
  return rows;
}

/** One row per time of day at which anything is known; a skipped or repeated hour leaves its cell empty. */
function clockRows(
  t: Text,
  keys: string[],
  days: Map<string, CurvePoint[]>,
  input: DayGridInput,
): { row: GridRow; points: (CurvePoint | undefined)[] }[] {
  const { zone } = input.series;
  const grid = new Map<string, (CurvePoint | undefined)[]>();
  keys.forEach((day, col) => {
    for (const point of days.get(day)!) {
      const clock = timeOfDay(point.start, zone);
      let row = grid.get(clock);
      if (!row) grid.set(clock, (row = Array.from({ length: keys.length }, () => undefined)));
      row[col] ??= point;
    }
  });
  const known = (p: CurvePoint | undefined) => Boolean(p && (p.forecast !== null || p.actual));
  return [...grid.entries()]
    .filter(([, points]) => points.some(known))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([clock, points]) => ({
      points,
      row: {
        key: clock,
        name: clock,
        label: `${t(`screen.series.${input.measure}`)} ${clock}`,
        cells: points.map((point, col) => clockCell(point, keys[col]!, input)),
      },
    }));
}

function clockCell(point: CurvePoint | undefined, day: string, input: DayGridInput): GridCell {
  const value = point?.[input.measure] ?? null;
  if (input.measure === "aht_seconds")
    return { text: value === null ? NONE : duration(value), value, editable: false };
  if (input.measure !== "forecast") return plain(value);
  // Of all queues together an interval is multiplied, and a factor cannot raise nothing.
  const possible = value !== null && (input.single || value > 0);
  return { ...plain(value, 1), editable: possible && input.editable(day) };
}

/**
 * The adjustments that make typed figures so, day totals first: they would
 * spread over the intervals. Intervals of one queue get their figures in one
 * adjustment; those of all queues together are multiplied.
 */
export function adjustmentsOf(
  grid: DayGrid,
  edits: GridEdit[],
  options: { name: string; queueId: string | undefined; seconds: number },
): AdjustmentInput[] {
  const { name, queueId } = options;
  const common = { name, ...(queueId && { queue_id: queueId }) };
  const totals: AdjustmentInput[] = [];
  const factors: AdjustmentInput[] = [];
  const cells: NonNullable<AdjustmentInput["cells"]> = [];
  for (const edit of edits) {
    const target = grid.target(edit);
    if (!target) continue;
    const { day, point } = target;
    if (!point) totals.push({ ...common, kind: "day_total", day, value: edit.value });
    else if (queueId) cells.push({ queue_id: queueId, start: point.start, volume: edit.value });
    else if (point.forecast)
      factors.push({
        ...common,
        kind: "multiply",
        from: point.start,
        to: new Date(Date.parse(point.start) + options.seconds * 1000).toISOString(),
        value: edit.value / point.forecast,
      });
  }
  const figures: AdjustmentInput[] = cells.length > 0 ? [{ name, kind: "cells", value: 0, cells }] : [];
  return [...totals, ...factors, ...figures];
}

/** The days that adjustments touched; those of single intervals say their days by their cells alone. */
export function changedDays(
  adjustments: Adjustment[],
  zone: string,
  queueId: string | undefined,
  days: string[],
): Set<string> {
  const touched = new Set<string>();
  for (const a of adjustments) {
    const queue = a.to_queue_id ?? a.queue_id;
    if (a.undone || (queue && queueId && queue !== queueId)) continue;
    if (a.kind === "day_total" && a.day) touched.add(a.day);
    else if (a.from && a.to) {
      const [first, last] = [dayOf(a.from, zone), dayOf(Date.parse(a.to) - 1, zone)];
      for (const day of days) if (day >= first && day <= last) touched.add(day);
    }
  }
  return touched;
}
