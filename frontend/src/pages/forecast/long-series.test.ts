import { describe, expect, it } from "vitest";
import type { LongTable } from "../../api/models";
import { text } from "../../text/text";
import { isLong, longCurve, longGrid, longId, rowOf } from "./long-series";

const table = {
  by: "week",
  forecast: { zone: "Asia/Shanghai" },
  periods: [
    { from: "2026-03-04", to: "2026-03-09" },
    { from: "2026-03-09", to: "2026-03-16" },
  ],
  rows: [
    { volume: [300, 700], low: [250, 600], high: [350, 800], last_year: [null, 500], actual: [280, null] },
    {
      queue_id: "a",
      volume: [300, 700],
      low: [250, 600],
      high: [350, 800],
      last_year: [null, 500],
      actual: [280, null],
    },
  ],
} as unknown as LongTable;

describe("long range", () => {
  it("is kept in the address", () => {
    expect([isLong("long"), isLong("long.1"), isLong("longer"), isLong(undefined)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([longId("long"), longId("long.1-2")]).toEqual([undefined, "1-2"]);
  });

  it("is a curve with a point for each week in the client's zone", () => {
    const curve = longCurve(table, rowOf(table, "a"));
    expect(curve.interval_seconds).toBe(7 * 86_400);
    expect(curve.points.map((p) => p.start)).toEqual([
      "2026-03-03T16:00:00.000Z",
      "2026-03-08T16:00:00.000Z",
    ]);
    expect(curve.points[1]).toMatchObject({ forecast: 700, low: 600, last_year: 500, actual: null });
    expect(rowOf(table, "unknown")).toBe(table.rows![0]);
  });

  it("tells cut weeks from whole ones and sets last year beside them", () => {
    const { columns, rows } = longGrid(text(), table, (id) => id ?? "total");
    expect(columns.map((c) => c.key)).toEqual(["total", "band", "year", "change", "actual", "a"]);
    expect(rows[0]!.label).toContain("(5)");
    expect(rows[1]!.label).not.toContain("(");
    expect(rows[1]!.cells.map((c) => c.text)).toEqual(["700", "600–800", "500", "+40.0%", "–", "700"]);
    expect(rows[0]!.cells[3]!.text).toBe("–");
  });
});
