import type { CalendarView, OpenHours, SpecialDay } from "../../api/models";
import { addDays } from "../../format/time";

/** What a date can be, beside a day like its weekday. */
export const dayKinds = ["closed", "holiday", "open", "tagged"] as const;
export type DayKind = (typeof dayKinds)[number];

/** Minutes of the local day as `HH:mm`; past midnight they go on counting hours. */
export function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Opening spans as people write them: "09:00-12:00, 13:00-18:00". */
export function hoursText(hours: Pick<OpenHours, "open" | "close">[]): string {
  return [...hours]
    .sort((a, b) => a.open - b.open)
    .map((span) => `${clockOf(span.open)}-${clockOf(span.close)}`)
    .join(", ");
}

/**
 * Reads opening spans; undefined when they are not of the described form, end
 * before they begin, or overlap. An end up to 48:00 lies on the next date.
 */
export function parseHours(text: string): { open: number; close: number }[] | undefined {
  if (text.trim() === "") return [];
  const spans = text.split(/[,;，；]/).map((part) => {
    const match = /^\s*(\d{1,2}):(\d{2})\s*[-–—~]\s*(\d{1,2}):(\d{2})\s*$/.exec(part);
    if (!match) return undefined;
    const [open, close] = [
      Number(match[1]) * 60 + Number(match[2]),
      Number(match[3]) * 60 + Number(match[4]),
    ];
    const sound =
      Number(match[2]) < 60 && Number(match[4]) < 60 && open < 1440 && close > open && close <= 2880;
    return sound ? { open, close } : undefined;
  });
  const sound = spans.filter((span) => span !== undefined).sort((a, b) => a.open - b.open);
  if (sound.length < spans.length) return undefined;
  return sound.every((span, i) => i === 0 || span.open >= sound[i - 1]!.close) ? sound : undefined;
}

/** The weekday of a date, 0 = Sunday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** The opening spans of a date. */
export function openOn(calendar: CalendarView, date: string): Pick<OpenHours, "open" | "close">[] {
  const special = specialOn(calendar, date);
  if (special?.kind === "closed") return [];
  if (special?.kind === "open") return special.hours ?? [];
  return (calendar.hours ?? []).filter((span) => span.weekday === weekdayOf(date));
}

export function specialOn(calendar: CalendarView, date: string): SpecialDay | undefined {
  return calendar.special?.find((day) => day.date === date);
}

/** The weeks of a month as dates, Monday first; dates of the months beside it fill the ends. */
export function monthWeeks(month: string): string[][] {
  const first = `${month}-01`;
  let day = addDays(first, -((weekdayOf(first) + 6) % 7));
  const weeks: string[][] = [];
  do {
    const from = day;
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(from, i)));
    day = addDays(day, 7);
  } while (day.slice(0, 7) === month);
  return weeks;
}

/** The dates from one to another, both included, at most a year of them. */
export function datesBetween(from: string, to: string): string[] {
  const dates = [];
  for (let day = from; day <= to && dates.length < 366; day = addDays(day, 1)) dates.push(day);
  return dates;
}

/** Special days with some dates replaced; without a replacement they are like their weekday again. */
export function withDays(
  special: SpecialDay[],
  dates: string[],
  day: Omit<SpecialDay, "date"> | undefined,
): SpecialDay[] {
  const rest = special.filter((old) => !dates.includes(old.date));
  const added = day ? dates.map((date) => ({ ...day, date })) : [];
  return [...rest, ...added].sort((a, b) => a.date.localeCompare(b.date));
}

/** Opening hours with one weekday's spans replaced. */
export function withWeekday(
  hours: OpenHours[],
  weekday: number,
  spans: { open: number; close: number }[],
): OpenHours[] {
  return [
    ...hours.filter((span) => span.weekday !== weekday),
    ...spans.map((span) => ({ ...span, weekday })),
  ];
}
