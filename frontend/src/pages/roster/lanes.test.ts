import { describe, expect, it } from "vitest";
import type { BoardStrip } from "../../api/models";
import { signText } from "../../components/roster-grid/coverage-strip";
import { shortage, surplus } from "../../components/roster-grid/strip";
import { lanesOf } from "./lanes";

const line = (client: string, tier: string, need: number[], scheduled: number[]) => ({
  client_id: client,
  tier,
  queues: [],
  need,
  scheduled,
  under: need.map((n, k) => Math.max(0, n - scheduled[k]!)),
  over: need.map((n, k) => Math.max(0, scheduled[k]! - n)),
});
const strip = {
  edition: 2,
  origin: "2026-11-22T16:00:00Z",
  interval_minutes: 15,
  lines: [
    line("c1", "junior", [4, 4], [1, 4]),
    line("c1", "expert", [1, 0], [2, 1]),
    line("c2", "junior", [2, 2], [2, 2]),
  ],
} as unknown as BoardStrip;
const name = (client: string) => client;
const tierName = (tier: string) => `${tier}+`;

describe("lanes", () => {
  it("adds the tiers of a client up; surplus of one tier does not fill another", () => {
    const lanes = lanesOf(strip, "client", name, tierName)!;
    expect(lanes.map((lane) => lane.name)).toEqual(["c1", "c2"]);
    expect([...lanes[0]!.data.required]).toEqual([5, 4]);
    expect([...lanes[0]!.data.scheduled]).toEqual([3, 5]);
    expect([...lanes[0]!.data.under]).toEqual([3, 0]);
    expect([...lanes[0]!.data.over]).toEqual([1, 1]);
    expect(lanes[0]!.data.origin).toBe(Date.parse(strip.origin));
  });

  it("keeps tiers apart when asked", () => {
    expect(lanesOf(strip, "tier", name, tierName)!.map((lane) => `${lane.name} ${lane.detail}`)).toEqual([
      "c1 junior+",
      "c1 expert+",
      "c2 junior+",
    ]);
  });

  it("has none for the whole, before the answer, and where nothing is left", () => {
    expect(lanesOf(strip, "all", name, tierName)).toBeUndefined();
    expect(lanesOf(undefined, "client", name, tierName)).toBeUndefined();
    expect(lanesOf({ ...strip, lines: [] }, "client", name, tierName)).toEqual([]);
    expect(lanesOf({ ...strip, interval_minutes: 60 }, "client", name, tierName)).toBeUndefined();
  });

  it("says hours per day with their signs", () => {
    const data = lanesOf(strip, "client", name, tierName)![0]!.data;
    const starts = [data.origin, data.origin + 1_800_000];
    expect(shortage(data, starts)).toEqual([2700]);
    expect(surplus(data, starts)).toEqual([1800]);
    expect(signText(7200, 3600)).toBe("−2 +1");
    expect(signText(1799, 0)).toBe("");
  });
});
