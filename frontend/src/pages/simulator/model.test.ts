import { describe, expect, it } from "vitest";
import { type Difference, readScenario, rowsOf, verdict } from "./model";

const difference = (part: Partial<Difference>, mean = 0.1): Difference => ({
  scope: "total",
  figure: "service_level",
  a: 0.7,
  b: 0.8,
  p: 0.01,
  difference: { mean, low: mean, high: mean, n: 20 },
  ...part,
});

describe("trials", () => {
  it("call a difference better or worse only when chance does not explain it", () => {
    expect(verdict(difference({}))).toBe(1);
    expect(verdict(difference({}, -0.1))).toBe(-1);
    expect(verdict(difference({ figure: "asa_s" }, -3))).toBe(1);
    expect(verdict(difference({ figure: "occupancy" }))).toBe(0);
    expect(verdict(difference({ p: 0.2 }))).toBe(0);
  });

  it("show the figures of one scope in one order, without those that nobody knows", () => {
    const all = [
      difference({ figure: "cost", a: 0, b: 0 }),
      difference({ figure: "asa_s" }),
      difference({}),
      difference({ scope: "c1" }),
      difference({ figure: "occupancy", difference: { mean: 0, low: 0, high: 0, n: 0 } }),
    ];
    expect(rowsOf(all, "total").map((d) => d.figure)).toEqual(["service_level", "asa_s"]);
  });

  it("read scenario files and refuse what is none", () => {
    expect(readScenario('{"name":"x"}')).toEqual({ name: "x" });
    expect(() => readScenario("[1]")).toThrow();
    expect(() => readScenario("no")).toThrow();
  });
});
