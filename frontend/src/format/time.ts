import { currentLocale } from "../text/locale";

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Formatters are dear to make, so one is kept per language, zone and shape. */
function formatter(zone: string, shape: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = currentLocale();
  const key = `${locale}|${zone}|${JSON.stringify(shape)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, { timeZone: zone, ...shape });
    formatters.set(key, found);
  }
  return found;
}

type Instant = string | number;
const ms = (at: Instant) => (typeof at === "number" ? at : Date.parse(at));

/** `HH:mm` in the zone. */
export function timeOfDay(at: Instant, zone: string): string {
  return formatter(zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms(at));
}

/** Day and month with the weekday, e.g. `Mon, 16 Nov`. */
export function dayLabel(at: Instant, zone: string): string {
  return formatter(zone, { weekday: "short", day: "numeric", month: "short" }).format(ms(at));
}

/** A full date, e.g. `16 Nov 2026`. */
export function dateLabel(at: Instant, zone: string): string {
  return formatter(zone, { day: "numeric", month: "short", year: "numeric" }).format(ms(at));
}

/** A calendar day as short as the language has it, e.g. `16/11` or `11/16`. */
export function shortDate(day: string): string {
  return formatter("UTC", { day: "numeric", month: "numeric" }).format(Date.parse(`${day}T00:00:00Z`));
}

/** Weekday alone, e.g. `Mon`. */
export function weekday(at: Instant, zone: string): string {
  return formatter(zone, { weekday: "short" }).format(ms(at));
}

/** Date and time of day. */
export function dateTime(at: Instant, zone: string): string {
  return `${dateLabel(at, zone)} ${timeOfDay(at, zone)}`;
}

/** The zone the reader's device is in; used where no client or site decides. */
export function deviceZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Milliseconds that local clocks in the zone are ahead of UTC at an instant. */
export function zoneOffset(at: Instant, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(ms(at));
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const local = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return local - Math.floor(ms(at) / 1000) * 1000;
}

/**
 * The instant at which a calendar day (`2026-03-29`) starts in a zone. Where the
 * clock skips midnight the day starts at the first instant after the gap.
 */
export function dayStart(day: string, zone: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const guess = midnight - zoneOffset(midnight, zone);
  return midnight - zoneOffset(guess, zone);
}

/** The calendar day (`2026-03-29`) of an instant in a zone. */
export function dayOf(at: Instant, zone: string): string {
  return new Date(ms(at) + zoneOffset(at, zone)).toISOString().slice(0, 10);
}

/** A calendar day some days later (or earlier). */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Days from the first up to, not including, the second. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day < to && days.length < 400; day = addDays(day, 1)) days.push(day);
  return days;
}

/** The ISO week of a calendar day, e.g. 47. */
export function isoWeek(day: string): number {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  return Math.ceil(((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
}

/** Zone with its offset at an instant, e.g. `Asia/Shanghai (UTC+08:00)`. */
export function zoneLabel(zone: string, at: Instant): string {
  const minutes = Math.round(zoneOffset(at, zone) / 60_000);
  const sign = minutes < 0 ? "−" : "+";
  const abs = Math.abs(minutes);
  return `${zone} (UTC${sign}${String(Math.floor(abs / 60)).padStart(2, "0")}:${String(abs % 60).padStart(2, "0")})`;
}

/** A length of time as `m:ss`, or `h:mm:ss` from an hour on. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const h = Math.floor(total / 3600);
  const m = Math.floor((total % 3600) / 60);
  const s = String(total % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** Hours with one decimal. */
export function hours(seconds: number): string {
  return (seconds / 3600).toFixed(1);
}

/** The month after (or before) `2026-11`. */
export function addMonths(month: string, months: number): string {
  const [year, index] = month.split("-").map(Number) as [number, number];
  return new Date(Date.UTC(year, index - 1 + months, 1)).toISOString().slice(0, 7);
}

/** A month by name, e.g. `November 2026`. */
export function monthLabel(month: string): string {
  return formatter("UTC", { month: "long", year: "numeric" }).format(Date.parse(`${month}-01T00:00:00Z`));
}
