import { describe, expect, it } from "vitest";
import type { QueueCoverage, RosterShift, RosterView } from "../../api/models";
import { boardAgents, boardShifts, totalCoverage } from "./board";

const roster = {
  agents: [
    { id: "a1", number: "1001", label: "N1", team_id: "t1", tier: "junior" },
    { id: "a2", number: "", label: "N2", team_id: "t9", tier: "expert" },
  ],
  summary: {
    violations: [
      { agent_id: "a1", days: ["2026-11-23", "2026-11-24"], rule: "rest", reason: "10 h", hard: true },
      { agent_id: "a1", days: ["2026-11-24"], rule: "wish", reason: "early", hard: false },
    ],
  },
} as unknown as RosterView;
const shift = (day: string): RosterShift => ({
  id: day,
  roster_id: "r",
  agent_id: "a1",
  business_day: day,
  start_at: `${day}T00:00:00Z`,
  end_at: `${day}T08:00:00Z`,
  pinned: false,
  template: "E",
  activities: null,
});

describe("board", () => {
  it("shows names only where the reader may see them", () => {
    const people = [{ id: "a1", name: "王芳" }] as never;
    expect(boardAgents(roster, people, [{ id: "t1", name: "North" }])).toEqual([
      { id: "a1", label: "1001", name: "王芳", team: "North", tier: "junior" },
      { id: "a2", label: "N2", name: "N2", team: undefined, tier: "expert" },
    ]);
    expect(boardAgents(roster, undefined, undefined)[0]!.name).toBe("N1");
  });

  it("puts every broken rule on each of its days", () => {
    const rules = boardShifts([shift("2026-11-23"), shift("2026-11-24"), shift("2026-11-25")], roster).map(
      (s) => s.violations?.map((v) => v.rule),
    );
    expect(rules).toEqual([["rest"], ["rest", "wish"], undefined]);
  });

  it("adds queues up by start and orders them in time", () => {
    const point = (
      queue_id: string,
      start_at: string,
      required: number,
      scheduled: number,
    ): QueueCoverage => ({
      client_id: "c",
      queue_id,
      start_at,
      required,
      scheduled,
    });
    const total = totalCoverage([
      point("q1", "2026-11-23T01:00:00Z", 2, 1),
      point("q2", "2026-11-23T00:00:00Z", 4, 4),
      point("q2", "2026-11-23T01:00:00Z", 3, 5.5),
    ]);
    expect(total.points).toEqual([
      { start: "2026-11-23T00:00:00Z", required: 4, scheduled: 4 },
      { start: "2026-11-23T01:00:00Z", required: 5, scheduled: 6.5 },
    ]);
  });
});
