import { describe, expect, it } from "vitest";
import type { BoardView, RosterChange } from "../../api/models";
import { Board, templateName } from "./board";
import { movedCells } from "./moves";
import { serviceOf } from "./service";
import { gapOf, readProgress } from "./solve";

const view = {
  id: "r1",
  edition: 3,
  origin: "2026-11-22T16:00:00Z",
  zone: "Asia/Shanghai",
  agents: [
    {
      id: "a1",
      number: "1001",
      label: "N1",
      team_id: "t1",
      tier: "junior",
      skills: ["Mail", "Voice"],
      templates: [0],
    },
    { id: "a2", number: "", label: "N2", team_id: "t9", tier: "expert", skills: [], templates: [] },
  ],
  templates: [
    { id: "dalian/day", start_from: 480, start_to: 600, start_step: 30, min_minutes: 540, max_minutes: 540 },
  ],
  queues: [
    { id: "q1", client_id: "c1", name: "Voice", required: [2, 2, 0], scheduled: [1, 2, 1] },
    { id: "q2", client_id: "c2", name: "Mail", required: [1, 0, 0], scheduled: [3, 0, 0] },
  ],
  shifts: [
    {
      agent: 0,
      day: "2026-11-23",
      start: 480,
      minutes: 540,
      template: 0,
      slices: [0, 120, -2, 15, 1, 345, -3, 60],
    },
  ],
  broken: [
    {
      agent_id: "a1",
      days: ["2026-11-23", "2026-11-24"],
      rule: "rest",
      reason: "10 h",
      code: "rest",
      hard: true,
    },
    { agent_id: "a2", days: ["2026-11-24"], rule: "wish", reason: "early", code: "published", hard: false },
  ],
} as unknown as BoardView;
const board = Board.of(view, [{ id: "a1", name: "王芳" }] as never, [{ id: "t1", name: "North" }]);
const everything = () => true;

describe("board", () => {
  it("shows names only where the reader may see them", () => {
    expect(board.agents.map((a) => [a.label, a.name, a.team, a.skills])).toEqual([
      ["1001", "王芳", "North", "Mail + Voice"],
      ["N2", "N2", undefined, ""],
    ]);
  });

  it("unpacks a shift into activities of queues, breaks and meals", () => {
    const shift = board.at("a1", "2026-11-23")!;
    expect(shift.start).toBe("2026-11-23T00:00:00.000Z");
    expect(shift.template).toBe("dalian/day");
    expect(
      shift.activities.map((a) => [a.kind, a.client_id, (Date.parse(a.end) - Date.parse(a.start)) / 60_000]),
    ).toEqual([
      ["work", "c1", 120],
      ["break", undefined, 15],
      ["work", "c2", 345],
      ["meal", undefined, 60],
    ]);
    expect(shift.violations?.map((v) => v.rule)).toEqual(["rest"]);
    expect(board.at("a1", "2026-11-24")).toBeUndefined();
    expect(board.brokenAt("a1", "2026-11-24").map((v) => v.rule)).toEqual(["rest"]);
  });

  it("adds queues up for the strip; one queue's surplus does not help another", () => {
    const strip = board.strip(everything);
    expect([...strip.required]).toEqual([3, 2, 0]);
    expect([...strip.scheduled]).toEqual([4, 2, 1]);
    expect([...strip.under]).toEqual([1, 0, 0]);
    expect([...strip.over]).toEqual([2, 0, 1]);
    expect([...board.strip((curve) => curve.client_id === "c1").over]).toEqual([0, 0, 1]);
  });

  it("follows an edit: cells, marks of the touched agent, coverage, edition", () => {
    const change = {
      edition: 4,
      stored: true,
      cells: [{ agent_id: "a1", day: "2026-11-23", before: null, after: null }],
      broken: [],
      coverage: [
        { queue_id: "q1", client_id: "c1", start_at: "2026-11-22T16:00:00Z", required: 2, scheduled: 0 },
      ],
    } as unknown as RosterChange;
    const after = board.after(change);
    expect(after.edition).toBe(4);
    expect(after.at("a1", "2026-11-23")).toBeUndefined();
    expect(after.brokenAt("a1", "2026-11-24")).toEqual([]);
    expect(after.brokenAt("a2", "2026-11-24")).toHaveLength(1);
    expect([...after.strip(everything).under]).toEqual([2, 0, 0]);
    expect(board.at("a1", "2026-11-23")).toBeDefined();
    expect([...board.strip(everything, change).under]).toEqual([2, 0, 0]);
  });

  it("names shift types without their site", () => {
    expect(templateName("dalian/late#2")).toBe("late");
    expect(templateName("day")).toBe("day");
  });
});

describe("dropped shifts", () => {
  const agent = (id: string) => board.agents.find((a) => a.id === id)!;
  const shift = board.at("a1", "2026-11-23")!;
  const from = { agent: agent("a1"), day: "2026-11-23", shift };
  const start = Date.parse("2026-11-24T00:00:00Z");

  it("leave their cell and come to a free one", () => {
    const to = { agent: agent("a2"), day: "2026-11-24", shift: undefined };
    expect(movedCells({ from, to, start })).toEqual([
      { agent_id: "a1", day: "2026-11-23" },
      { agent_id: "a2", template: "dalian/day", start_at: "2026-11-24T00:00:00.000Z", minutes: 540 },
    ]);
  });

  it("change places with the shift they fall on, each at its own time of day", () => {
    const other = {
      ...shift,
      agent_id: "a2",
      start: "2026-11-24T02:00:00Z",
      end: "2026-11-24T06:00:00Z",
      template: "x",
    };
    const to = { agent: agent("a2"), day: "2026-11-24", shift: other };
    expect(movedCells({ from, to, start })[0]).toEqual({
      agent_id: "a1",
      template: "x",
      start_at: "2026-11-23T02:00:00.000Z",
      minutes: 240,
    });
  });

  it("only start at another time within their own cell", () => {
    const cells = movedCells({ from, to: from, start: Date.parse("2026-11-23T00:30:00Z") });
    expect(cells).toHaveLength(1);
    expect(cells[0]!.start_at).toBe("2026-11-23T00:30:00.000Z");
  });
});

describe("search", () => {
  it("reads progress from the job's note", () => {
    const progress = readProgress(
      "improve: 5120 moves, hard 0, cover 1200, contract 30, request 7, cost -4, bound 1000",
    )!;
    expect(progress.stage).toBe("improve");
    expect(progress.moves).toBe(5120);
    expect(progress.levels.map((l) => l.points)).toEqual([0, 1200, 30, 7, -4]);
    expect(gapOf(progress)).toBeCloseTo(0.2);
    expect(gapOf({ ...progress, bound: 0 })).toBeUndefined();
    expect(gapOf({ ...progress, moves: 0 })).toBeUndefined();
    expect(readProgress("storing")).toBeUndefined();
    expect(readProgress(undefined)).toBeUndefined();
  });
});

describe("expected service", () => {
  const series = {
    start_at: "2026-11-22T16:00:00Z",
    edition: 3,
    queues: [
      {
        queue_id: "q1",
        goal: 800,
        offered: [3, 0],
        level: [900, -1],
        low: [800, -1],
        high: [950, -1],
        asa: [4, 0],
      },
      {
        queue_id: "q2",
        goal: 600,
        offered: [1, 2],
        level: [500, 700],
        low: [400, 600],
        high: [600, 800],
        asa: [9, 9],
      },
    ],
  } as never;

  it("weighs queues by their contacts and knows when it is stale", () => {
    const all = serviceOf(series, everything, 3)!;
    expect(all.level[0]).toBeCloseTo(0.8);
    expect(all.level[1]).toBeCloseTo(0.7);
    expect(all.goal).toBeCloseTo(0.7);
    expect(all.stale).toBe(false);
    const one = serviceOf(series, (id) => id === "q1", 4)!;
    expect(one.level[1]).toBeNaN();
    expect(one.stale).toBe(true);
    expect(serviceOf(series, () => false, 3)).toBeUndefined();
    expect(serviceOf(undefined, everything, 3)).toBeUndefined();
  });
});
