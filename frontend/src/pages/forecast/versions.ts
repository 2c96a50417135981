import type { Forecast } from "../../api/models";
import { addDays, dayOf, isoWeek } from "../../format/time";

/** The Monday on or before a calendar day. */
export function mondayOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** The version that was in force right before a forecast's horizon. */
export function earlierOf(forecast: Forecast, all: Forecast[]): Forecast | undefined {
  return all
    .filter(
      (f) =>
        f.client_id === forecast.client_id &&
        f.status !== "draft" &&
        f.settings.source !== "client" &&
        Date.parse(f.start_at) < Date.parse(forecast.start_at) &&
        Date.parse(f.end_at) >= Date.parse(forecast.start_at),
    )
    .sort((a, b) => b.version - a.version)[0];
}

/** First and last business date of a forecast. */
export function horizonOf(forecast: Forecast): { first: string; last: string } {
  return {
    first: dayOf(forecast.start_at, forecast.zone),
    last: dayOf(Date.parse(forecast.end_at) - 1, forecast.zone),
  };
}

/** The ISO weeks that a forecast covers, e.g. "47–50". */
export function weeksOf(forecast: Forecast): string {
  const { first, last } = horizonOf(forecast);
  const [from, to] = [isoWeek(first), isoWeek(last)];
  return from === to ? String(from) : `${from}–${to}`;
}

/** Other versions of the same client whose horizon touches this one's. */
export function comparable(forecast: Forecast, all: Forecast[]): Forecast[] {
  return all.filter(
    (f) =>
      f.id !== forecast.id &&
      f.client_id === forecast.client_id &&
      Date.parse(f.start_at) < Date.parse(forecast.end_at) &&
      Date.parse(f.end_at) > Date.parse(forecast.start_at),
  );
}

/** Weeks ahead that a planner is expected to have published. */
export const PLANNED_WEEKS = 6;

/** The Mondays of the weeks ahead that no version of ours in force covers whole. */
export function openWeeks(forecasts: Forecast[], clientId: string, today: string): string[] {
  const spans = forecasts
    .filter((f) => f.client_id === clientId && f.status !== "draft" && f.settings.source !== "client")
    .map(horizonOf);
  const next = addDays(mondayOf(today), 7);
  return Array.from({ length: PLANNED_WEEKS }, (_, i) => addDays(next, 7 * i)).filter(
    (monday) => !spans.some((span) => span.first <= monday && span.last >= addDays(monday, 6)),
  );
}

/** Stands in the address for a version that is still to be made: the page opens with its dialog. */
export const NEW_VERSION = "new";
