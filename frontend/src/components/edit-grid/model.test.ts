import { describe, expect, it } from "vitest";
import { type GridRow, moved, parseFigure, pasted, selectionText } from "./model";

const row = (key: string, values: (number | null)[], editable = true): GridRow => ({
  key,
  name: key,
  label: key,
  cells: values.map((value) => ({ text: value, value, editable })),
});
const rows = [row("actual", [1, 2, 3], false), row("total", [10, 20, 30]), row("08:00", [4, 5, null])];

describe("figures", () => {
  it.each([
    ["1,234", 1234],
    ["1 234.5", 1234.5],
    ["12,5", 12.5],
    ["1'000", 1000],
    ["0", 0],
    [".5", 0.5],
  ])("reads %s", (text, value) => expect(parseFigure(text)).toBe(value));

  it.each(["", "-3", "12a", "1.2.3", "n/a"])("does not read %j", (text) =>
    expect(parseFigure(text)).toBeUndefined(),
  );
});

describe("moving", () => {
  it("stays within the grid", () => {
    expect(moved({ row: 0, col: 0 }, "ArrowUp", 3, 3, 10)).toEqual({ row: 0, col: 0 });
    expect(moved({ row: 0, col: 0 }, "PageDown", 3, 3, 10)).toEqual({ row: 2, col: 0 });
    expect(moved({ row: 1, col: 0 }, "End", 3, 3, 10)).toEqual({ row: 1, col: 2 });
    expect(moved({ row: 1, col: 0 }, "x", 3, 3, 10)).toBeUndefined();
  });
});

describe("the clipboard", () => {
  it("takes a selection as Excel reads it", () => {
    expect(selectionText(rows, { row: 2, col: 2 }, { row: 1, col: 1 })).toBe("20\t30\n5\t");
  });

  it("lays a block from Excel over the grid and counts what does not fit", () => {
    expect(pasted(rows, { row: 1, col: 1 }, { row: 1, col: 1 }, "21\t30\t99\r\n\tx\r\n")).toEqual({
      edits: [{ row: 1, col: 1, value: 21 }],
      refused: 2,
    });
  });

  it("fills a selection with a single figure", () => {
    expect(pasted(rows, { row: 1, col: 0 }, { row: 2, col: 1 }, "7").edits).toHaveLength(4);
  });

  it("never changes what is not to be changed", () => {
    expect(pasted(rows, { row: 0, col: 0 }, { row: 0, col: 0 }, "5")).toEqual({ edits: [], refused: 1 });
  });
});
