import type { ReactNode } from "react";

/** A column of the grid: a day, a month. */
export interface GridColumn {
  key: string;
  head: ReactNode;
  /** Marks a column that differs from the others, e.g. a holiday. */
  className?: string;
}

/** One figure. `value` is what editing starts from and what copying takes. */
export interface GridCell {
  text: ReactNode;
  value: number | null;
  editable: boolean;
  className?: string;
}

/** A row of figures with its name. */
export interface GridRow {
  key: string;
  name: ReactNode;
  /** The name in plain words, for those who hear the table. */
  label: string;
  cells: GridCell[];
  className?: string;
}

export interface Place {
  row: number;
  col: number;
}

/** A figure that somebody typed or pasted. */
export interface GridEdit extends Place {
  value: number;
}

const moves: Record<string, (at: Place, rows: number, cols: number, page: number) => Place> = {
  ArrowUp: (at) => ({ ...at, row: at.row - 1 }),
  ArrowDown: (at) => ({ ...at, row: at.row + 1 }),
  ArrowLeft: (at) => ({ ...at, col: at.col - 1 }),
  ArrowRight: (at) => ({ ...at, col: at.col + 1 }),
  Home: (at) => ({ ...at, col: 0 }),
  End: (at, _, cols) => ({ ...at, col: cols - 1 }),
  PageUp: (at, _rows, _cols, page) => ({ ...at, row: at.row - page }),
  PageDown: (at, _rows, _cols, page) => ({ ...at, row: at.row + page }),
};

/** Where a key leads, kept within the grid; undefined for keys that do not move. */
export function moved(at: Place, key: string, rows: number, cols: number, page: number): Place | undefined {
  const to = moves[key]?.(at, rows, cols, page);
  return to && clamp(to, rows, cols);
}

export function clamp(at: Place, rows: number, cols: number): Place {
  const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  return { row: within(at.row, rows), col: within(at.col, cols) };
}

/** The rectangle that two corners span. */
export function area(a: Place, b: Place): { top: number; bottom: number; left: number; right: number } {
  return {
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
    left: Math.min(a.col, b.col),
    right: Math.max(a.col, b.col),
  };
}

/**
 * Reads a figure as people and spreadsheets write one: blanks and thousands
 * separators are dropped. A point is always the decimal mark, and so is a
 * comma that stands alone with one or two digits behind it.
 */
export function parseFigure(text: string): number | undefined {
  const bare = text.replace(/[\s\u00a0\u202f'’]/g, "");
  if (bare === "") return undefined;
  const decimalComma = /^-?\d+,\d{1,2}$/.test(bare);
  const plain = decimalComma ? bare.replace(",", ".") : bare.replaceAll(",", "");
  if (!/^\d*\.?\d+$|^\d+\.$/.test(plain)) return undefined;
  return Number(plain);
}

/** The cells of a clipboard's text: tabs between columns, a line per row. */
export function clipboardCells(text: string): string[][] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  return lines.map((line) => line.split("\t"));
}

/** What a selection is on the clipboard. */
export function selectionText(rows: GridRow[], a: Place, b: Place): string {
  const { top, bottom, left, right } = area(a, b);
  return rows
    .slice(top, bottom + 1)
    .map((row) =>
      row.cells
        .slice(left, right + 1)
        .map((cell) => cell.value ?? "")
        .join("\t"),
    )
    .join("\n");
}

/** What pasting means: the figures that change, and how many cells could not take theirs. */
export interface Pasted {
  edits: GridEdit[];
  refused: number;
}

/**
 * Lays a clipboard over the grid. Its first cell lands on the selection's
 * first; a single figure fills the whole selection. Empty cells change nothing.
 */
export function pasted(rows: GridRow[], a: Place, b: Place, text: string): Pasted {
  const cells = clipboardCells(text);
  const { top, bottom, left, right } = area(a, b);
  const single = cells.length === 1 && cells[0]!.length === 1;
  const height = single ? bottom - top + 1 : cells.length;
  const width = single ? right - left + 1 : Math.max(...cells.map((line) => line.length));
  const out: Pasted = { edits: [], refused: 0 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const words = single ? cells[0]![0]! : (cells[y]![x] ?? "");
      if (words.trim() === "") continue;
      const value = parseFigure(words);
      const cell = rows[top + y]?.cells[left + x];
      if (value === undefined || !cell?.editable) out.refused++;
      else if (value !== cell.value) out.edits.push({ row: top + y, col: left + x, value });
    }
  return out;
}
