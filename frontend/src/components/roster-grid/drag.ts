import type { Shift } from "../../api/models";
import type { Cell, GridRow } from "./model";

/** A shift in the air: where it comes from and where it would land. */
export interface Drag {
  shift: Shift;
  from: Cell;
  to: Cell;
  /** Its start if it landed now, in milliseconds. */
  start: number;
}

/** What the board measures for a drag. */
export interface DragFrame {
  rows: GridRow[];
  /** Starts of the days, and of the day after the last. */
  starts: number[];
  dayWidth: number;
  /** The pointer's way since it took the shift, in pixels. */
  dx: number;
  /** Row and day under the pointer. */
  row: number;
  day: number;
  /** The time axis is fine enough to move the start. */
  fine: boolean;
}

/** Starts lie on this grid. */
const STEP = 15 * 60_000;

/** Where a dragged shift would land; undefined outside of the agents' cells. */
export function landing(shift: Shift, from: Cell, frame: DragFrame): Drag | undefined {
  const { rows, starts, dayWidth, dx, row, day, fine } = frame;
  if (rows[row]?.kind !== "agent") return undefined;
  const start = Date.parse(shift.start);
  if (!fine) {
    if (day < 0 || day >= starts.length - 1) return undefined;
    // The same wall-clock time on another day: days may have 23 or 25 hours.
    const into = start - starts[from.day]!;
    return { shift, from, to: { row, day }, start: starts[day]! + into };
  }
  const length = starts[from.day + 1]! - starts[from.day]!;
  const moved = Math.round((start + (dx / dayWidth) * length) / STEP) * STEP;
  const landed = starts.findIndex((at, k) => moved >= at && moved < (starts[k + 1] ?? -Infinity));
  return landed < 0 ? undefined : { shift, from, to: { row, day: landed }, start: moved };
}

/** Whether a drag would change anything. */
export function moves(drag: Drag): boolean {
  return (
    drag.from.row !== drag.to.row ||
    drag.from.day !== drag.to.day ||
    drag.start !== Date.parse(drag.shift.start)
  );
}
