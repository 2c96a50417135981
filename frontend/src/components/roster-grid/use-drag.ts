import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { Shift } from "../../api/models";
import { type Drag, landing, moves } from "./drag";
import type { Cell, GridRow } from "./model";

/** How far the pointer must go before a click becomes a drag, in pixels. */
const THRESHOLD = 5;
/** How near to an edge the board begins to scroll. */
const EDGE = 36;

interface Taken {
  shift: Shift;
  from: Cell;
  x: number;
  y: number;
  scroll: number;
  moving: boolean;
}

/** Dragging of shifts over the board: one pointer handler for all cells. */
export function useDrag(options: {
  scroller: RefObject<HTMLDivElement | null>;
  rows: GridRow[];
  starts: number[];
  dayWidth: number;
  left: number;
  top: number;
  rowHeight: number;
  fine: boolean;
  shiftAt: (cell: Cell) => Shift | undefined;
  enabled: boolean;
  over?: (drag: Drag | undefined) => void;
  drop?: (drag: Drag) => void;
}) {
  const [drag, setDrag] = useState<Drag>();
  const taken = useRef<Taken>(undefined);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  const end = (dropped: Drag | undefined) => {
    const was = taken.current;
    taken.current = undefined;
    setDrag(undefined);
    const { over, drop } = latest.current;
    if (was?.moving) over?.(undefined);
    if (dropped && moves(dropped)) drop?.(dropped);
  };
  const find = (event: PointerEvent): Drag | undefined => {
    const held = taken.current!;
    const { scroller, rows, starts, dayWidth, left, top, rowHeight, fine } = latest.current;
    const element = scroller.current!;
    const box = element.getBoundingClientRect();
    return landing(held.shift, held.from, {
      rows,
      starts,
      dayWidth,
      fine,
      dx: event.clientX - held.x + element.scrollLeft - held.scroll,
      row: Math.floor((event.clientY - box.top + element.scrollTop - top) / rowHeight),
      day: Math.floor((event.clientX - box.left + element.scrollLeft - left) / dayWidth),
    });
  };

  return {
    drag,
    cancel: () => end(undefined),
    take(event: PointerEvent, from: Cell) {
      const shift = latest.current.shiftAt(from);
      if (!latest.current.enabled || !shift || event.button !== 0) return;
      const scroll = latest.current.scroller.current!.scrollLeft;
      taken.current = { shift, from, x: event.clientX, y: event.clientY, scroll, moving: false };
    },
    move(event: PointerEvent) {
      const held = taken.current;
      if (!held) return;
      const element = latest.current.scroller.current!;
      if (!held.moving) {
        if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < THRESHOLD) return;
        held.moving = true;
        element.setPointerCapture?.(event.pointerId);
      }
      const box = element.getBoundingClientRect();
      if (event.clientY > box.bottom - EDGE) element.scrollTop += 12;
      else if (event.clientY < box.top + latest.current.top + EDGE) element.scrollTop -= 12;
      if (event.clientX > box.right - EDGE) element.scrollLeft += 16;
      else if (event.clientX < box.left + latest.current.left + EDGE) element.scrollLeft -= 16;
      const found = find(event);
      setDrag((old) => {
        if (
          old &&
          found &&
          old.to.row === found.to.row &&
          old.to.day === found.to.day &&
          old.start === found.start
        )
          return old;
        latest.current.over?.(found);
        return found;
      });
    },
    release(event: PointerEvent) {
      if (taken.current) end(taken.current.moving ? find(event) : undefined);
    },
  };
}
