import type { Forecast, Series, SeriesPoint } from "../api/models";

/** A forecast for tests of the planning pages: two days of Shanghai, from Monday 16 November 2026. */
export function forecastOf(part: Partial<Forecast> = {}): Forecast {
  return {
    id: "f1",
    client_id: "c1",
    name: "Next weeks",
    version: 2,
    status: "draft",
    origin_at: "2026-11-15T16:00:00Z",
    start_at: "2026-11-15T16:00:00Z",
    end_at: "2026-11-17T16:00:00Z",
    interval_ms: 900_000,
    zone: "Asia/Shanghai",
    settings: { source: "engine", days: 2, adjustments: [] },
    explain: { queues: [] },
    created_by: "u1",
    created_at: "2026-11-15T16:00:00Z",
    ...part,
  };
}

export function pointOf(start: string, part: Partial<SeriesPoint> = {}): SeriesPoint {
  return {
    start,
    forecast: 10,
    low: 8,
    high: 13,
    actual: null,
    requirement: 4,
    last_week: 9,
    aht_seconds: 200,
    ...part,
  };
}

export function seriesOf(points: SeriesPoint[]): Series {
  return { interval_seconds: 900, zone: "Asia/Shanghai", points, days: [] };
}
