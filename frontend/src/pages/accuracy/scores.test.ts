import { describe, expect, it } from "vitest";
import type { Accuracy } from "../../api/models";
import { byLead, byQueue, finished, scoreOf } from "./scores";

const row = (part: Partial<Accuracy>): Accuracy => ({
  forecast_id: "f1",
  client_id: "c1",
  queue_id: "q1",
  name: "",
  source: "engine",
  version: 1,
  week: "2026-11-09",
  weeks_ahead: 0,
  forecast: 100,
  actual: 100,
  intervals: 672,
  wape: 0.2,
  day_wape: 0.1,
  floor: 0.15,
  bias: 0.05,
  mase: 0.8,
  ...part,
});

describe("scores", () => {
  it("leave out weeks that are not over, and weeks without contacts", () => {
    const rows = [row({}), row({ week: "2026-11-16" }), row({ actual: 0 })];
    expect(finished(rows, "2026-11-21")).toHaveLength(1);
    expect(finished(rows, "2026-11-23")).toHaveLength(2);
  });

  it("of several rows weigh by what came", () => {
    const score = scoreOf("k", [
      row({ actual: 300, wape: 0.1 }),
      row({ actual: 100, wape: 0.5 }),
      row({ wape: null }),
    ]);
    expect(score.wape).toBeCloseTo(0.2);
    expect(scoreOf("k", [row({ bias: null })]).bias).toBeNull();
  });

  it("come by lead, the nearest first", () => {
    expect(
      byLead([row({ weeks_ahead: 10 }), row({ weeks_ahead: 2 }), row({ weeks_ahead: 2 })]).map((s) => s.key),
    ).toEqual(["2", "10"]);
  });

  it("of a queue take the version made nearest to each week", () => {
    const [score] = byQueue([
      row({ week: "2026-11-02", day_wape: 0.3 }),
      row({ version: 1, weeks_ahead: 3, day_wape: 0.9 }),
      row({ version: 2, weeks_ahead: 0, day_wape: 0.2 }),
    ]);
    expect(score!.latest.day_wape).toBe(0.2);
    expect(score!.history.map((h) => h.day_wape)).toEqual([0.3, 0.2]);
  });
});
