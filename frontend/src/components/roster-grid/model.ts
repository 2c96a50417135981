import type { RosterAgent, Shift } from "../../api/models";
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

/** Where the board finds its shifts. */
export interface ShiftSource {
  at(agentId: string, day: string): Shift | undefined;
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
  index: ShiftSource,
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

/** The agents' cells of a range, in order of rows. */
export function cellsIn(a: Cell, b: Cell, rows: GridRow[]): Cell[] {
  const cells: Cell[] = [];
  for (let row = Math.min(a.row, b.row); row <= Math.max(a.row, b.row); row++) {
    if (rows[row]?.kind !== "agent") continue;
    for (let day = Math.min(a.day, b.day); day <= Math.max(a.day, b.day); day++) cells.push({ row, day });
  }
  return cells;
}

/** A spreadsheet's text as rows of cells; a last empty line is the end of the line before. */
export function pastedRows(text: string): string[][] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  return lines.split("\n").map((line) => line.split("\t").map((cell) => cell.trim()));
}

/**
 * Which cell gets which pasted text: the block from the upper left corner on, or
 * one pasted cell for every cell of a range. Group heads are stepped over.
 */
export function pasteInto(
  text: string,
  a: Cell,
  b: Cell,
  rows: GridRow[],
  days: number,
): { cell: Cell; text: string }[] {
  const block = pastedRows(text);
  if (block.length === 1 && block[0]!.length === 1)
    return cellsIn(a, b, rows).map((cell) => ({ cell, text: block[0]![0]! }));
  const placed: { cell: Cell; text: string }[] = [];
  let row = Math.min(a.row, b.row);
  const day = Math.min(a.day, b.day);
  for (const line of block) {
    while (rows[row]?.kind === "group") row++;
    if (rows[row] === undefined) break;
    line.forEach((field, k) => {
      if (day + k < days) placed.push({ cell: { row, day: day + k }, text: field });
    });
    row++;
  }
  return placed;
}
