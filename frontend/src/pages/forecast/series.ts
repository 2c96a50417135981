import type { CalendarView, DayRange, Series } from "../../api/models";
import type { CurvePoint, CurveSeries, DayBand } from "../../components/chart/forecast-option";
import { addDays, dayOf, dayStart, timeOfDay } from "../../format/time";

/** Adds up what is known; null when nothing is. */
export function total(values: (number | null | undefined)[]): number | null {
  const known = values.filter((v): v is number => v !== null && v !== undefined);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

/** The points of each local day, in order. */
export function pointsByDay(series: CurveSeries): Map<string, CurvePoint[]> {
  const days = new Map<string, CurvePoint[]>();
  for (const point of series.points) {
    const day = dayOf(point.start, series.zone);
    const points = days.get(day);
    if (points) points.push(point);
    else days.set(day, [point]);
  }
  return days;
}

/**
 * A series by local day. Volumes add up, the requirement is the day's peak, and
 * handle time is weighted by the forecast. The band is that of the day's total, which
 * the server knows: the ends of the intervals' bands do not add up to it.
 */
export function byDay(series: CurveSeries): CurveSeries {
  const ranges = new Map(series.days?.map((range) => [range.date, range]));
  return {
    zone: series.zone,
    interval_seconds: 86_400,
    days: series.days,
    points: [...pointsByDay(series).entries()].map(([day, points]) =>
      dayPoint(day, points, series.zone, ranges.get(day)),
    ),
  };
}

function dayPoint(day: string, points: CurvePoint[], zone: string, range: DayRange | undefined): CurvePoint {
  const weight = total(points.map((p) => (p.aht_seconds === null ? null : p.forecast)));
  const work = total(
    points.map((p) => (p.aht_seconds === null || p.forecast === null ? null : p.aht_seconds * p.forecast)),
  );
  const peaks = points.map((p) => p.requirement).filter((v): v is number => v !== null);
  return {
    start: new Date(dayStart(day, zone)).toISOString(),
    forecast: total(points.map((p) => p.forecast)),
    low: range?.low ?? null,
    high: range?.high ?? null,
    actual: total(points.map((p) => p.actual)),
    last_week: total(points.map((p) => p.last_week)),
    last_year: total(points.map((p) => p.last_year)),
    other: total(points.map((p) => p.other)),
    requirement: peaks.length === 0 ? null : Math.max(...peaks),
    aht_seconds: weight ? (work ?? 0) / weight : null,
  };
}

/**
 * A series whose intervals before its own horizon are taken from the version in
 * force then, so that a forecast stands beside the actuals it was made for.
 */
export function withEarlier(series: Series, earlier: Series | undefined): Series {
  if (!earlier) return series;
  const before = new Map(earlier.points.map((point) => [point.start, point]));
  const own = new Set(series.days?.map((range) => range.date));
  return {
    ...series,
    days: [...(earlier.days ?? []).filter((range) => !own.has(range.date)), ...(series.days ?? [])],
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

/** Days of a year that keep the weekday. */
export const YEAR_DAYS = 364;

/**
 * Puts beside each point what came at the same weekday and time a year before,
 * and what another version expects.
 */
export function withCompared(
  series: CurveSeries,
  lastYear: Series | undefined,
  other: Series | undefined,
): CurveSeries {
  if (!lastYear && !other) return series;
  const { zone } = series;
  const clock = (start: string) => `${dayOf(start, zone)} ${timeOfDay(start, zone)}`;
  const before = new Map(lastYear?.points.map((point) => [clock(point.start), point.actual]));
  const beside = new Map(other?.points.map((point) => [point.start, point.forecast]));
  return {
    ...series,
    points: series.points.map((point) => ({
      ...point,
      last_year:
        before.get(`${addDays(dayOf(point.start, zone), -YEAR_DAYS)} ${timeOfDay(point.start, zone)}`) ??
        null,
      other: beside.get(point.start) ?? null,
    })),
  };
}

/** A date that differs from its weekday. */
export interface SpecialDate {
  date: string;
  name: string;
  kind: string;
}

/** The special days of the calendars that some queues follow, each date once. */
export function specialDates(calendars: CalendarView[], queueIds: string[]): SpecialDate[] {
  const found = new Map<string, SpecialDate>();
  for (const calendar of calendars) {
    if (!calendar.queues?.some((queue) => queueIds.includes(queue))) continue;
    for (const day of calendar.special ?? [])
      if (!found.has(day.date))
        found.set(day.date, { date: day.date, name: day.name || day.tag || "", kind: day.kind });
  }
  return [...found.values()].sort((a, b) => a.date.localeCompare(b.date));
}

/** The special days as bands over a series; days of one name that follow each other are one band. */
export function dayBands(series: CurveSeries, dates: SpecialDate[]): DayBand[] {
  if (dates.length === 0) return [];
  const names = new Map(dates.map((date) => [date.date, date.name]));
  const bands: DayBand[] = [];
  series.points.forEach((point, index) => {
    const name = names.get(dayOf(point.start, series.zone));
    if (name === undefined) return;
    const last = bands.at(-1);
    if (last && last.to === index - 1 && last.name === name) last.to = index;
    else bands.push({ from: index, to: index, name });
  });
  return bands;
}
