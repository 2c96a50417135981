import { describe, expect, it } from "vitest";
import type { CalendarView } from "../../api/models";
import { hoursText, monthWeeks, openOn, parseHours, withDays } from "./model";

const calendar: CalendarView = {
  id: "k",
  client_id: "c",
  name: "",
  version: 1,
  events: [],
  zone: "Asia/Shanghai",
  queues: ["q"],
  hours: [{ weekday: 1, open: 540, close: 1080 }],
  special: [
    { date: "2026-11-16", kind: "closed", name: "Founders' day" },
    { date: "2026-11-21", kind: "open", hours: [{ weekday: 6, open: 600, close: 720 }] },
  ],
};

describe("opening hours", () => {
  it("are read as people write them, and written back alike", () => {
    expect(hoursText(parseHours("13:00–18:00, 9:00 - 12:00")!)).toBe("09:00-12:00, 13:00-18:00");
    expect(parseHours("")).toEqual([]);
    expect(hoursText(parseHours("22:00-30:00")!)).toBe("22:00-30:00");
  });

  it.each(["9-5", "18:00-09:00", "09:00-12:00, 11:00-13:00", "09:00-09:75", "25:00-26:00"])(
    "refuses %s",
    (text) => expect(parseHours(text)).toBeUndefined(),
  );

  it("follow the weekday unless the date is special", () => {
    expect(openOn(calendar, "2026-11-23")).toHaveLength(1);
    expect(openOn(calendar, "2026-11-16")).toEqual([]);
    expect(openOn(calendar, "2026-11-21")).toMatchObject([{ open: 600 }]);
  });
});

describe("dates", () => {
  it("of a month fill whole weeks", () => {
    const weeks = monthWeeks("2026-11");
    expect(weeks[0]![0]).toBe("2026-10-26");
    expect(weeks.at(-1)!.at(-1)).toBe("2026-12-06");
    expect(monthWeeks("2027-02").flat()).toHaveLength(28);
  });

  it("are replaced or taken away as a range", () => {
    const dates = ["2026-11-16", "2026-11-17"];
    const sale = withDays(calendar.special!, dates, { kind: "tagged", name: "Sale" });
    expect(sale.map((day) => day.date)).toEqual(["2026-11-16", "2026-11-17", "2026-11-21"]);
    expect(withDays(sale, dates, undefined)).toEqual([calendar.special![1]]);
  });
});
