import type { Series, SeriesPoint } from "../../api/models";
import { dayOf, dayStart } from "../../format/time";

/** Adds up what is known; null when nothing is. */
function total(values: (number | null)[]): number | null {
  const known = values.filter((v): v is number => v !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

/**
 * A series by local day. Volumes add up, the requirement is the day's peak, and
 * handle time is weighted by the forecast. The band's ends add up too, which
 * overstates its width where the intervals' errors are independent.
 */
export function byDay(series: Series): Series {
  const days = new Map<string, SeriesPoint[]>();
  for (const point of series.points) {
    const day = dayOf(point.start, series.zone);
    const points = days.get(day);
    if (points) points.push(point);
    else days.set(day, [point]);
  }
  return {
    zone: series.zone,
    interval_seconds: 86_400,
    points: [...days.entries()].map(([day, points]) => {
      const weight = total(points.map((p) => (p.aht_seconds === null ? null : p.forecast)));
      const work = total(
        points.map((p) =>
          p.aht_seconds === null || p.forecast === null ? null : p.aht_seconds * p.forecast,
        ),
      );
      const peaks = points.map((p) => p.requirement).filter((v): v is number => v !== null);
      return {
        start: new Date(dayStart(day, series.zone)).toISOString(),
        forecast: total(points.map((p) => p.forecast)),
        low: total(points.map((p) => p.low)),
        high: total(points.map((p) => p.high)),
        actual: total(points.map((p) => p.actual)),
        last_week: total(points.map((p) => p.last_week)),
        requirement: peaks.length === 0 ? null : Math.max(...peaks),
        aht_seconds: weight ? (work ?? 0) / weight : null,
      };
    }),
  };
}

/**
 * A series whose intervals before its own horizon are taken from the version in
 * force then, so that a forecast stands beside the actuals it was made for.
 */
export function withEarlier(series: Series, earlier: Series | undefined): Series {
  if (!earlier) return series;
  const before = new Map(earlier.points.map((point) => [point.start, point]));
  return {
    ...series,
    points: series.points.map((point) => {
      const old = point.forecast === null ? before.get(point.start) : undefined;
      if (!old) return point;
      return {
        ...point,
        forecast: old.forecast,
        low: old.low,
        high: old.high,
        requirement: point.requirement ?? old.requirement,
        aht_seconds: point.aht_seconds ?? old.aht_seconds,
      };
    }),
  };
}
