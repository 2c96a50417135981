import { describe, expect, it } from "vitest";
import type { RosterAgent, Shift } from "../../api/models";
import { landing, moves } from "./drag";
import { barOf, cellsIn, dayStarts, moved, pasteInto, rowsOf, selectionText } from "./model";
import { shortage, type StripData } from "./strip";

const zone = "Asia/Shanghai";
const agent = (label: string, team?: string): RosterAgent => ({ id: label, label, name: label, team });
const shift = (agentId: string, day: string, from: string, to: string): Shift => ({
  id: agentId + day,
  agent_id: agentId,
  business_date: day,
  start: from,
  end: to,
  activities: [],
});

describe("rows", () => {
  it("sorts numbers as numbers and groups by team", () => {
    const rows = rowsOf([agent("S10", "B"), agent("S9", "B"), agent("S1", "A")], (a) => a.team ?? "");
    expect(rows.map((r) => (r.kind === "group" ? `${r.name}:${r.size}` : r.agent.label))).toEqual([
      "A:1",
      "S1",
      "B:2",
      "S9",
      "S10",
    ]);
  });
});

describe("moves", () => {
  const rows = rowsOf([agent("S1", "A"), agent("S2", "B"), agent("S3", "B")], (a) => a.team ?? "");
  it.each([
    ["ArrowDown", { row: 1, day: 0 }, { row: 3, day: 0 }],
    ["ArrowUp", { row: 3, day: 0 }, { row: 1, day: 0 }],
    ["ArrowUp", { row: 1, day: 0 }, { row: 1, day: 0 }],
    ["ArrowDown", { row: 4, day: 0 }, { row: 4, day: 0 }],
    ["PageDown", { row: 1, day: 2 }, { row: 4, day: 2 }],
    ["PageUp", { row: 4, day: 2 }, { row: 1, day: 2 }],
    ["ArrowLeft", { row: 1, day: 0 }, { row: 1, day: 0 }],
    ["ArrowRight", { row: 1, day: 6 }, { row: 1, day: 6 }],
    ["End", { row: 1, day: 1 }, { row: 1, day: 6 }],
    ["Home", { row: 1, day: 4 }, { row: 1, day: 0 }],
  ] as const)("%s from %o leads to %o", (key, from, to) => {
    expect(moved(from, key, rows, 7, 20)).toEqual(to);
  });

  it("holds on an empty board", () => {
    expect(moved({ row: 0, day: 0 }, "ArrowDown", [], 7, 20)).toEqual({ row: 0, day: 0 });
  });
});

describe("bars", () => {
  it("places a night shift beyond its day and paints gaps between activities", () => {
    const starts = dayStarts(["2026-11-23"], zone);
    const night: Shift = {
      ...shift("S1", "2026-11-23", "2026-11-23T14:00:00Z", "2026-11-23T22:00:00Z"),
      activities: [
        { kind: "work", start: "2026-11-23T14:00:00Z", end: "2026-11-23T16:00:00Z" },
        { kind: "work", start: "2026-11-23T18:00:00Z", end: "2026-11-23T22:00:00Z" },
      ],
    };
    const bar = barOf(night, starts[0]!, starts[1]!, zone, () => "red");
    expect(bar.left).toBeCloseTo(22 / 24);
    expect(bar.left + bar.width).toBeCloseTo(30 / 24);
    expect(bar.text).toBe("22:00–06:00");
    expect(bar.background).toBe(
      "linear-gradient(90deg, red 0.00% 25.00%, #dfe4e7 25.00% 50.00%, red 50.00% 100.00%)",
    );
  });

  it("fills the whole bar when a shift has no activities", () => {
    const starts = dayStarts(["2026-11-23"], zone);
    const bar = barOf(
      shift("S1", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-23T08:00:00Z"),
      starts[0]!,
      starts[1]!,
      zone,
      () => "red",
    );
    expect(bar.background).toBe("linear-gradient(90deg, #dfe4e7 0.00% 100.00%)");
  });
});

describe("selection", () => {
  it("becomes lines and tabs, with empty fields for days off and without group heads", () => {
    const rows = rowsOf([agent("S1", "A"), agent("S2", "B")], (a) => a.team ?? "");
    const days = ["2026-11-23", "2026-11-24"];
    const held = [
      shift("S1", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-23T08:30:00Z"),
      shift("S2", "2026-11-24", "2026-11-24T01:00:00Z", "2026-11-24T09:00:00Z"),
    ];
    const index = { at: (id: string, day: string) => held.find((s) => s.id === id + day) };
    expect(selectionText({ row: 3, day: 1 }, { row: 0, day: 0 }, rows, days, index, zone)).toBe(
      "08:00-16:30\t\n\t09:00-17:00",
    );
  });
});

describe("shortage", () => {
  it("adds what is missing per local day; surplus does not make up for it", () => {
    const starts = dayStarts(["2026-11-23", "2026-11-24"], zone);
    const under = new Float32Array(192);
    under[0] = 2;
    under[95] = 1;
    under[96] = 1;
    const none = new Float32Array(192);
    const data: StripData = { origin: starts[0]!, required: none, scheduled: none, under, over: none };
    expect(shortage(data, starts)).toEqual([3 * 900, 900]);
    expect(shortage({ ...data, origin: starts[0]! - 900_000 }, starts)).toEqual([2 * 900, 0]);
    expect(shortage(undefined, starts)).toEqual([0, 0]);
  });
});

describe("pasting", () => {
  const rows = rowsOf([agent("S1", "A"), agent("S2", "B"), agent("S3", "B")], (a) => a.team ?? "");
  const texts = (text: string, a: { row: number; day: number }, b = a) =>
    pasteInto(text, a, b, rows, 3).map(({ cell, text: field }) => `${cell.row}:${cell.day}=${field}`);

  it("lays a block from the upper left corner on, over group heads, within the board", () => {
    expect(texts("off\t08:00\r\n09:00\tlate\r\n", { row: 1, day: 1 })).toEqual([
      "1:1=off",
      "1:2=08:00",
      "3:1=09:00",
      "3:2=late",
    ]);
    expect(texts("a\tb\nc\td", { row: 4, day: 2 })).toEqual(["4:2=a"]);
  });

  it("gives one cell to every cell of a range", () => {
    expect(texts("late", { row: 4, day: 1 }, { row: 1, day: 0 })).toEqual([
      "1:0=late",
      "1:1=late",
      "3:0=late",
      "3:1=late",
      "4:0=late",
      "4:1=late",
    ]);
    expect(cellsIn({ row: 0, day: 0 }, { row: 2, day: 0 }, rows)).toEqual([{ row: 1, day: 0 }]);
  });
});

describe("dragging", () => {
  const rows = rowsOf([agent("S1", "A"), agent("S2", "A")], (a) => a.team ?? "");
  const starts = dayStarts(["2026-10-24", "2026-10-25", "2026-10-26"], "Europe/Berlin");
  const taken = shift("S1", "2026-10-24", "2026-10-24T06:00:00Z", "2026-10-24T14:00:00Z");
  const from = { row: 1, day: 0 };
  const frame = { rows, starts, dayWidth: 100, dx: 0, row: 2, day: 1, fine: false };

  it("keeps the time of day on another day and for another agent", () => {
    const drag = landing(taken, from, frame)!;
    expect(drag.to).toEqual({ row: 2, day: 1 });
    expect(drag.start - starts[1]!).toBe(8 * 3_600_000);
    expect(moves(drag)).toBe(true);
    expect(moves(landing(taken, from, { ...frame, row: 1, day: 0 })!)).toBe(false);
  });

  it("moves the start by quarter-hours on a fine time axis", () => {
    const fine = { ...frame, dayWidth: 960, fine: true, row: 1 };
    expect(landing(taken, from, { ...fine, dx: 21 })!.start).toBe(Date.parse("2026-10-24T06:30:00Z"));
    expect(landing(taken, from, { ...fine, dx: 960 })!.to.day).toBe(1);
    expect(landing(taken, from, { ...fine, dx: -960 })).toBeUndefined();
  });

  it("lands on agents only", () => {
    expect(landing(taken, from, { ...frame, row: 0 })).toBeUndefined();
    expect(landing(taken, from, { ...frame, row: 9 })).toBeUndefined();
    expect(landing(taken, from, { ...frame, day: 3 })).toBeUndefined();
  });
});
