import { describe, expect, it } from "vitest";
import type { Series, SeriesPoint } from "../../api/models";
import { byDay, withEarlier } from "../../pages/forecast/series";
import { csv } from "./chart";
import { forecastOption } from "./forecast-option";

const words = {
  contacts: "c",
  agents: "a",
  forecast: "forecast",
  band: "band",
  actual: "actual",
  lastWeek: "last week",
  requirement: "requirement",
  lastYear: "last year",
  other: "other",
};
const point = (start: string, part: Partial<SeriesPoint> = {}): SeriesPoint => ({
  start,
  forecast: 10,
  low: 8,
  high: 13,
  actual: 11,
  requirement: 4,
  last_week: 9,
  aht_seconds: 200,
  ...part,
});
const series = (points: SeriesPoint[]): Series => ({
  interval_seconds: 900,
  zone: "Asia/Shanghai",
  points,
  days: [],
});

describe("forecast chart", () => {
  const option = forecastOption(
    series([point("2026-11-23T00:00:00Z"), point("2026-11-23T00:15:00Z", { actual: null, low: null })]),
    words,
  ) as {
    series: { name: string; data: (number | null)[] }[];
    xAxis: { splitLine: { interval: (index: number) => boolean } }[];
  };
  const line = (name: string) => option.series.find((s) => s.name === name)!.data;

  it("stacks the band's width on its lower end", () => {
    expect(line("low")).toEqual([8, null]);
    expect(line("band")).toEqual([5, null]);
  });

  it("marks days where they start in the zone", () => {
    const marked = forecastOption(
      series([point("2026-11-22T15:45:00Z"), point("2026-11-22T16:00:00Z"), point("2026-11-23T00:00:00Z")]),
      words,
    ) as typeof option;
    expect([0, 1, 2].map(marked.xAxis[0]!.splitLine.interval)).toEqual([false, true, false]);
  });

  it("keeps what is unknown a gap", () => {
    expect(line("actual")).toEqual([11, null]);
  });
});

describe("series by day", () => {
  it("adds volumes by local day, takes the peak requirement and weights handle time", () => {
    const days = byDay({
      ...series([
        point("2026-11-22T15:45:00Z", { forecast: 1, actual: 1 }),
        point("2026-11-22T16:00:00Z", { forecast: 10, aht_seconds: 100, requirement: 4 }),
        point("2026-11-23T10:00:00Z", { forecast: 30, aht_seconds: 200, requirement: 9, actual: null }),
      ]),
      days: [{ date: "2026-11-23", low: 31, high: 52 }],
    });
    expect(days.points).toHaveLength(2);
    expect(days.points[1]).toEqual({
      start: "2026-11-22T16:00:00.000Z",
      forecast: 40,
      low: 31,
      high: 52,
      actual: 11,
      last_week: 18,
      last_year: null,
      other: null,
      requirement: 9,
      aht_seconds: 175,
    });
  });

  it("leaves a day without any figure unknown", () => {
    const days = byDay(
      series([point("2026-11-23T00:00:00Z", { actual: null, requirement: null, aht_seconds: null })]),
    );
    expect(days.points[0]).toMatchObject({ actual: null, requirement: null, aht_seconds: null });
  });
});

describe("series before the horizon", () => {
  const none = { forecast: null, low: null, high: null, requirement: null, aht_seconds: null };
  it("takes the forecast of the version in force then, and its own from its start on", () => {
    const merged = withEarlier(
      series([point("2026-11-22T00:00:00Z", none), point("2026-11-23T00:00:00Z", { forecast: 20 })]),
      series([
        point("2026-11-22T00:00:00Z", { forecast: 7, actual: 99 }),
        point("2026-11-23T00:00:00Z", { forecast: 8 }),
      ]),
    );
    expect(merged.points.map((p) => [p.forecast, p.actual])).toEqual([
      [7, 11],
      [20, 11],
    ]);
  });

  it("is left alone without an earlier version", () => {
    const own = series([point("2026-11-22T00:00:00Z", none)]);
    expect(withEarlier(own, undefined)).toBe(own);
  });
});

describe("csv", () => {
  it("quotes what would break a row and disarms formulas", () => {
    expect(csv([["a,b", 'say "x"', "=1+1", null, -5]])).toBe('"a,b","say ""x""",\'=1+1,,-5\r\n');
  });
});
