import { createElement } from "react";
import type { PlanPoint } from "../../api/models";
import type { GridColumn, GridRow } from "../../components/edit-grid/model";
import { count, NONE, percent } from "../../format/number";
import { dayOf, duration, shortDate, timeOfDay, weekday } from "../../format/time";
import type { Text } from "../../text/text";

/** What the table of a plan can show. */
export type PlanMeasure = "seats" | "scheduled" | "service_level" | "asa" | "occupancy" | "abandonment";

export const planMeasures: PlanMeasure[] = [
  "seats",
  "scheduled",
  "service_level",
  "asa",
  "occupancy",
  "abandonment",
];

/** A plan's interval summed over queues, or one queue's own. */
export interface PlanCell {
  start: string;
  seats: number;
  scheduled: number;
  /** The one queue's point; absent when several are summed. */
  point?: PlanPoint;
}

/** The figure of a cell under a measure; sums have seats and agents only. */
export function planValue(cell: PlanCell | undefined, measure: PlanMeasure): number | null {
  if (!cell) return null;
  if (measure === "seats") return cell.seats;
  if (measure === "scheduled") return cell.scheduled;
  if (!cell.point) return null;
  return measure === "asa" ? cell.point.asa_ms / 1000 : cell.point[measure];
}

export function planText(value: number | null, measure: PlanMeasure): string {
  if (value === null) return NONE;
  if (measure === "seats") return count(value);
  if (measure === "scheduled") return count(value, 1);
  return measure === "asa" ? duration(value) : percent(value);
}

/** The cells of a plan by start, several queues of one interval summed. */
export function planCells(points: PlanPoint[]): PlanCell[] {
  const cells = new Map<string, PlanCell>();
  for (const point of points) {
    const cell = cells.get(point.start_at);
    if (cell) {
      cell.seats += point.seats;
      cell.scheduled += point.scheduled;
      cell.point = undefined;
    } else
      cells.set(point.start_at, {
        start: point.start_at,
        seats: point.seats,
        scheduled: point.scheduled,
        point,
      });
  }
  return [...cells.values()];
}

export interface PlanGrid {
  columns: GridColumn[];
  rows: GridRow[];
  cellAt: (row: number, col: number) => PlanCell | undefined;
  /** The interval that needs most; the first one of several. */
  busiest: PlanCell | undefined;
}

/** Days across, times of day down; the day's peak and hours on top. */
export function planGrid(
  t: Text,
  cells: PlanCell[],
  options: { zone: string; hours: number; measure: PlanMeasure; days: string[] },
): PlanGrid {
  const { zone, measure, days } = options;
  const col = new Map(days.map((day, index) => [day, index]));
  const clocks = new Map<string, (PlanCell | undefined)[]>();
  for (const cell of cells) {
    const at = col.get(dayOf(cell.start, zone));
    if (at === undefined) continue;
    const clock = timeOfDay(cell.start, zone);
    let row = clocks.get(clock);
    if (!row) clocks.set(clock, (row = days.map(() => undefined)));
    row[at] ??= cell;
  }
  const sorted = [...clocks.entries()].sort(([a], [b]) => a.localeCompare(b));
  const inDay = (index: number) => sorted.flatMap(([, row]) => row[index] ?? []);
  const top = (
    key: string,
    label: string,
    value: (of: PlanCell[]) => number | null,
    digits: number,
  ): GridRow => ({
    key,
    name: label,
    label,
    className: "edit-grid-strong",
    cells: days.map((_, index) => {
      const found = value(inDay(index));
      return { text: count(found, digits), value: found, editable: false };
    }),
  });
  const totals = [
    top(
      "peak",
      t("screen.staffing.peak"),
      (of) => (of.length ? Math.max(...of.map((c) => c.seats)) : null),
      0,
    ),
    top(
      "hours",
      t("screen.staffing.roster_hours"),
      (of) => sum(of.map((c) => c.scheduled * options.hours)),
      1,
    ),
  ];
  return {
    columns: days.map((day) => ({ key: day, head: dayHead(day) })),
    rows: [
      ...totals,
      ...sorted.map(([clock, row]) => ({
        key: clock,
        name: clock,
        label: clock,
        cells: row.map((cell) => {
          const value = planValue(cell, measure);
          return { text: planText(value, measure), value, editable: false };
        }),
      })),
    ],
    cellAt: (row, index) => sorted[row - totals.length]?.[1][index],
    busiest: days
      .flatMap((_, index) => inDay(index))
      .reduce<PlanCell | undefined>(
        (most, cell) => (!most || cell.seats > most.seats ? cell : most),
        undefined,
      ),
  };
}

function sum(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0);
}

function dayHead(day: string) {
  const strong = createElement("strong", { key: "w" }, weekday(`${day}T00:00:00Z`, "UTC"));
  return [strong, ` ${shortDate(day)}`];
}
