import { describe, expect, it } from "vitest";
import { count, grouped, money, percent, share } from "./number";
import {
  addDays,
  dayOf,
  daysBetween,
  dayStart,
  duration,
  isoWeek,
  timeOfDay,
  zoneLabel,
  zoneOffset,
} from "./time";

const HOUR = 3_600_000;

describe("numbers", () => {
  it("shows a ledger's decimal digit for digit", () => {
    expect(money("12345678901234567890.10", "CNY")).toBe("CNY 12,345,678,901,234,567,890.10");
    expect(grouped("-1234.5")).toBe("−1,234.5");
    expect(grouped("0.005")).toBe("0.005");
    expect(grouped("n/a")).toBe("n/a");
  });

  it("tells unknown from zero", () => {
    expect(share(0, 0)).toBe("–");
    expect(share(0, 5)).toBe("0.0%");
    expect(count(null)).toBe("–");
    expect(count(0)).toBe("0");
    expect(percent("")).toBe("–");
    expect(percent("0.8312")).toBe("83.1%");
    expect(percent("x")).toBe("–");
  });
});

describe("times", () => {
  it("knows how long days are when clocks change", () => {
    const length = (day: string, zone: string) =>
      (dayStart(addDays(day, 1), zone) - dayStart(day, zone)) / HOUR;
    expect(length("2026-03-29", "Europe/Berlin")).toBe(23);
    expect(length("2026-10-25", "Europe/Berlin")).toBe(25);
    expect(length("2026-10-25", "Asia/Shanghai")).toBe(24);
  });

  it("finds the start of a day on both sides of UTC", () => {
    expect(new Date(dayStart("2026-11-23", "Asia/Shanghai")).toISOString()).toBe("2026-11-22T16:00:00.000Z");
    expect(new Date(dayStart("2026-11-23", "America/New_York")).toISOString()).toBe(
      "2026-11-23T05:00:00.000Z",
    );
    expect(dayOf("2026-11-22T16:00:00Z", "Asia/Shanghai")).toBe("2026-11-23");
    expect(dayOf("2026-11-22T15:59:59.999Z", "Asia/Shanghai")).toBe("2026-11-22");
  });

  it("writes the zone out", () => {
    expect(zoneLabel("Asia/Kolkata", "2026-01-01T00:00:00Z")).toBe("Asia/Kolkata (UTC+05:30)");
    expect(zoneLabel("America/New_York", "2026-01-01T00:00:00Z")).toBe("America/New_York (UTC−05:00)");
    expect(zoneOffset("2026-07-01T00:00:00Z", "Europe/Berlin")).toBe(2 * HOUR);
    expect(timeOfDay("2026-11-22T16:05:00Z", "Asia/Shanghai")).toBe("00:05");
  });

  it("counts weeks as ISO 8601 does", () => {
    expect(isoWeek("2026-01-01")).toBe(1);
    expect(isoWeek("2027-01-01")).toBe(53);
    expect(isoWeek("2024-12-30")).toBe(1);
    expect(daysBetween("2026-02-27", "2026-03-02")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  });

  it("writes lengths as m:ss", () => {
    expect(duration(0)).toBe("0:00");
    expect(duration(59.6)).toBe("1:00");
    expect(duration(3600)).toBe("1:00:00");
    expect(duration(-5)).toBe("0:00");
  });
});
