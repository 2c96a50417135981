import type { Coverage, RosterAgent, Shift } from "../../api/models";
import { addDays, dayStart, timeOfDay } from "../../format/time";

/** A row of the board: the head of a group, or one agent. */
export type GridRow = { kind: "group"; name: string; size: number } | { kind: "agent"; agent: RosterAgent };

/** Where the cursor stands: row and day by index. */
export interface Cell {
  row: number;
  day: number;
}

/** The board's rows: agents by group, groups and agents in alphabetical order. */
export function rowsOf(agents: RosterAgent[], groupOf?: (agent: RosterAgent) => string): GridRow[] {
  const byLabel = [...agents].sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }));
  if (!groupOf) return byLabel.map((agent) => ({ kind: "agent", agent }));
  const groups = new Map<string, RosterAgent[]>();
  for (const agent of byLabel) {
    const name = groupOf(agent);
    const members = groups.get(name);
    if (members) members.push(agent);
    else groups.set(name, [agent]);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([name, members]): GridRow[] => [
      { kind: "group", name, size: members.length },
      ...members.map((agent): GridRow => ({ kind: "agent", agent })),
    ]);
}

/** Shifts by agent and business date. */
export class ShiftIndex {
  private readonly byCell = new Map<string, Shift>();

  constructor(shifts: Shift[]) {
    for (const shift of shifts) this.byCell.set(`${shift.agent_id}|${shift.business_date}`, shift);
  }

  at(agentId: string, day: string): Shift | undefined {
    return this.byCell.get(`${agentId}|${day}`);
  }
}

/** Starts of the days in the zone, and of the day after the last, in milliseconds. */
export function dayStarts(days: string[], zone: string): number[] {
  const last = days.at(-1);
  return last === undefined ? [] : [...days, addDays(last, 1)].map((day) => dayStart(day, zone));
}

/** A shift's bar, in fractions of its business day; it may end beyond 1. */
export interface Bar {
  left: number;
  width: number;
  background: string;
  text: string;
}

/**
 * The bar of a shift: one gradient with a hard edge per activity, so that a
 * shift costs one element however many activities it has.
 */
export function barOf(
  shift: Shift,
  dayFrom: number,
  dayTo: number,
  zone: string,
  colorOf: (activity: Shift["activities"][number]) => string,
): Bar {
  const start = Date.parse(shift.start);
  const end = Date.parse(shift.end);
  const length = Math.max(1, end - start);
  const stops: string[] = [];
  let at = start;
  const paint = (to: number, color: string) => {
    if (to <= at) return;
    const share = (instant: number) => `${(((instant - start) / length) * 100).toFixed(2)}%`;
    stops.push(`${color} ${share(at)} ${share(to)}`);
    at = to;
  };
  for (const activity of shift.activities) {
    paint(Date.parse(activity.start), "#dfe4e7");
    paint(Math.min(end, Date.parse(activity.end)), colorOf(activity));
  }
  paint(end, "#dfe4e7");
  return {
    left: (start - dayFrom) / (dayTo - dayFrom),
    width: length / (dayTo - dayFrom),
    background: `linear-gradient(90deg, ${stops.join(", ")})`,
    text: `${timeOfDay(start, zone)}–${timeOfDay(end, zone)}`,
  };
}

/** The keys that move the cursor. */
export type Move =
  "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" | "Home" | "End" | "PageUp" | "PageDown";

const MOVES = new Set<string>([
  "ArrowUp",
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "Home",
  "End",
  "PageUp",
  "PageDown",
]);

export function isMove(key: string): key is Move {
  return MOVES.has(key);
}

/** Where a key leads from a cell; group heads are stepped over, edges hold. */
export function moved(from: Cell, move: Move, rows: GridRow[], days: number, pageRows: number): Cell {
  const vertical = (step: number): Cell => {
    const direction = Math.sign(step);
    let row = Math.max(0, Math.min(rows.length - 1, from.row + step));
    while (rows[row]?.kind === "group") row += direction;
    if (rows[row]?.kind === "agent") return { ...from, row };
    // Only a group head lies beyond: stay on the last agent before it.
    row = Math.max(0, Math.min(rows.length - 1, row));
    while (rows[row] && rows[row]!.kind === "group") row -= direction;
    return rows[row] ? { ...from, row } : from;
  };
  switch (move) {
    case "ArrowUp":
      return vertical(-1);
    case "ArrowDown":
      return vertical(1);
    case "PageUp":
      return vertical(-pageRows);
    case "PageDown":
      return vertical(pageRows);
    case "ArrowLeft":
      return { ...from, day: Math.max(0, from.day - 1) };
    case "ArrowRight":
      return { ...from, day: Math.min(days - 1, from.day + 1) };
    case "Home":
      return { ...from, day: 0 };
    case "End":
      return { ...from, day: days - 1 };
  }
}

/** The cells between two corners as tab-separated lines, as a spreadsheet expects them. */
export function selectionText(
  a: Cell,
  b: Cell,
  rows: GridRow[],
  days: string[],
  index: ShiftIndex,
  zone: string,
): string {
  const lines: string[] = [];
  for (let row = Math.min(a.row, b.row); row <= Math.max(a.row, b.row); row++) {
    const entry = rows[row];
    if (entry?.kind !== "agent") continue;
    const fields = [];
    for (let day = Math.min(a.day, b.day); day <= Math.max(a.day, b.day); day++) {
      const shift = index.at(entry.agent.id, days[day]!);
      fields.push(shift ? `${timeOfDay(shift.start, zone)}-${timeOfDay(shift.end, zone)}` : "");
    }
    lines.push(fields.join("\t"));
  }
  return lines.join("\n");
}

/** Agent seconds that are required and not scheduled, per day; over-cover elsewhere does not make up for them. */
export function shortage(coverage: Coverage | undefined, starts: number[]): number[] {
  const short = starts.slice(1).map(() => 0);
  if (!coverage) return short;
  let day = 0;
  for (const point of coverage.points) {
    const at = Date.parse(point.start);
    if (at < (starts[0] ?? Infinity)) continue;
    while (day < short.length && at >= starts[day + 1]!) day++;
    if (day >= short.length) break;
    short[day]! += Math.max(0, point.required - point.scheduled) * coverage.interval_seconds;
  }
  return short;
}
