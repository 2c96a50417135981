import { describe, expect, it } from "vitest";
import type { RosterAgent, Shift } from "../../api/models";
import { barOf, dayStarts, moved, rowsOf, selectionText, ShiftIndex, shortage } from "./model";

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
    const index = new ShiftIndex([
      shift("S1", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-23T08:30:00Z"),
      shift("S2", "2026-11-24", "2026-11-24T01:00:00Z", "2026-11-24T09:00:00Z"),
    ]);
    expect(selectionText({ row: 3, day: 1 }, { row: 0, day: 0 }, rows, days, index, zone)).toBe(
      "08:00-16:30\t\n\t09:00-17:00",
    );
  });
});

describe("shortage", () => {
  it("adds what is missing per local day; surplus does not make up for it", () => {
    const starts = dayStarts(["2026-11-23", "2026-11-24"], zone);
    const point = (start: string, required: number, scheduled: number) => ({ start, required, scheduled });
    const coverage = {
      interval_seconds: 900,
      zone,
      points: [
        point("2026-11-22T15:45:00Z", 9, 0),
        point("2026-11-22T16:00:00Z", 5, 3),
        point("2026-11-23T10:00:00Z", 2, 8),
        point("2026-11-23T15:45:00Z", 4, 3),
        point("2026-11-23T16:00:00Z", 1, 0),
        point("2026-11-24T16:00:00Z", 9, 0),
      ],
    };
    expect(shortage(coverage, starts)).toEqual([3 * 900, 900]);
    expect(shortage(undefined, starts)).toEqual([0, 0]);
  });
});
