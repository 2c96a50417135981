import { beforeAll, describe, expect, it } from "vitest";
import type { Adjustment, CalendarView } from "../../api/models";
import { forecastOf, pointOf, seriesOf } from "../../testing/planning";
import { allTexts, startText, text } from "../../text/text";
import { adjustmentsOf, changedDays, dayGrid } from "./day-rows";
import { lastDone } from "./edits";
import { nextOpenDay } from "./new-forecast";
import { rangeSpan } from "./range";
import { dayBands, specialDates, withCompared } from "./series";
import { comparable, earlierOf, horizonOf, openWeeks, weeksOf } from "./versions";

const zone = "Asia/Shanghai";
const monday = "2026-11-16T01:00:00Z";
const later = "2026-11-16T01:15:00Z";
const tuesday = "2026-11-17T01:00:00Z";

beforeAll(async () => {
  localStorage.setItem("muster.locale", "en");
  await startText();
  await allTexts();
});

describe("versions", () => {
  const next = forecastOf();
  const last = forecastOf({
    id: "f0",
    version: 1,
    status: "published",
    start_at: "2026-11-08T16:00:00Z",
    end_at: "2026-11-15T16:00:00Z",
  });
  const theirs = forecastOf({
    id: "f9",
    version: 9,
    status: "published",
    settings: { source: "client", days: 2 },
  });

  it("know their dates and weeks in their own zone", () => {
    expect(horizonOf(next)).toEqual({ first: "2026-11-16", last: "2026-11-17" });
    expect(weeksOf(next)).toBe("47");
    expect(weeksOf({ ...next, end_at: "2026-12-13T16:00:00Z" })).toBe("47–50");
  });

  it("follow on from the version in force before, never from a client's file", () => {
    expect(earlierOf(next, [theirs, last, next])?.id).toBe("f0");
    expect(comparable(next, [theirs, last, next]).map((f) => f.id)).toEqual(["f9"]);
  });

  it("say which weeks ahead are open", () => {
    const covered = forecastOf({
      status: "published",
      start_at: "2026-11-22T16:00:00Z",
      end_at: "2026-12-06T16:00:00Z",
    });
    const open = openWeeks(
      [covered, { ...covered, status: "draft", end_at: "2027-01-01T16:00:00Z" }],
      "c1",
      "2026-11-18",
    );
    expect(open).toEqual(["2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28"]);
    expect(nextOpenDay([covered], "c1", "2026-11-18")).toBe("2026-12-07");
    expect(nextOpenDay([], "c1", "2026-11-18")).toBe("2026-11-23");
  });
});

describe("a range", () => {
  it("ends with its last day, also on a day of 23 hours", () => {
    const range = { first: "2026-03-29", last: "2026-03-29", from: "00:00", to: "24:00" };
    expect(rangeSpan(range, "Europe/Warsaw")).toEqual({
      from: "2026-03-28T23:00:00.000Z",
      to: "2026-03-29T22:00:00.000Z",
    });
  });

  it("is nothing when it ends before it begins", () => {
    expect(
      rangeSpan({ first: "2026-03-29", last: "2026-03-28", from: "00:00", to: "24:00" }, zone),
    ).toBeUndefined();
    expect(
      rangeSpan({ first: "2026-03-29", last: "2026-03-29", from: "10:00", to: "10:00" }, zone),
    ).toBeUndefined();
    expect(rangeSpan({ first: "", last: "", from: "10:00", to: "11:00" }, zone)).toBeUndefined();
  });
});

describe("the curve", () => {
  it("puts the same weekday a year before beside each point, and another version", () => {
    const series = withCompared(
      seriesOf([pointOf(monday), pointOf(tuesday)]),
      seriesOf([pointOf("2025-11-17T01:00:00Z", { actual: 77 })]),
      seriesOf([pointOf(tuesday, { forecast: 5 })]),
    );
    expect(series.points.map((p) => [p.last_year, p.other])).toEqual([
      [77, null],
      [null, 5],
    ]);
  });

  it("marks special days of the queues in view, each once", () => {
    const calendar: CalendarView = {
      id: "k",
      client_id: "c1",
      name: "",
      version: 1,
      zone,
      queues: ["q1"],
      hours: [],
      events: [],
      special: [{ date: "2026-11-16", kind: "tagged", name: "Sale" }],
    };
    const dates = specialDates([calendar, { ...calendar, queues: ["q2"] }], ["q1"]);
    expect(dates).toHaveLength(1);
    const bands = dayBands(seriesOf([pointOf(monday), pointOf(later), pointOf(tuesday)]), dates);
    expect(bands).toEqual([{ from: 0, to: 1, name: "Sale" }]);
    expect(specialDates([calendar], ["q3"])).toEqual([]);
  });
});

describe("the table of days", () => {
  const series = seriesOf([
    pointOf(monday),
    pointOf(later, { forecast: 0 }),
    pointOf(tuesday, { forecast: 30 }),
    pointOf("2026-11-17T18:00:00Z", { forecast: null }),
  ]);
  const grid = (single = true) =>
    dayGrid(text(), {
      series,
      special: [],
      measure: "forecast",
      lastYear: false,
      single,
      editable: (day) => day <= "2026-11-17",
      changed: new Set(["2026-11-16"]),
    });
  const rowOf = (key: string, single = true) => grid(single).rows.findIndex((row) => row.key === key);
  const options = { name: "why", queueId: "q1" as string | undefined, seconds: 900 };

  it("has totals on top and the times of day at which anything is known below", () => {
    expect(grid().rows.map((row) => row.key)).toEqual([
      "actual",
      "forecast",
      "deviation",
      "band",
      "last_week",
      "09:00",
      "09:15",
    ]);
    const totals = grid().rows[rowOf("forecast")]!.cells;
    expect(totals.map((cell) => [cell.value, cell.editable])).toEqual([
      [10, true],
      [30, true],
      [null, false],
    ]);
    expect(totals[0]!.className).toBe("edit-grid-changed");
  });

  it("turns typed totals and intervals into named adjustments, totals first", () => {
    const made = adjustmentsOf(
      grid(),
      [
        { row: rowOf("09:15"), col: 0, value: 4 },
        { row: rowOf("09:00"), col: 1, value: 60 },
        { row: rowOf("forecast"), col: 0, value: 500 },
        { row: rowOf("band"), col: 0, value: 1 },
      ],
      options,
    );
    expect(made).toEqual([
      { name: "why", queue_id: "q1", kind: "day_total", day: "2026-11-16", value: 500 },
      {
        name: "why",
        kind: "cells",
        value: 0,
        cells: [
          { queue_id: "q1", start: later, volume: 4 },
          { queue_id: "q1", start: tuesday, volume: 60 },
        ],
      },
    ]);
  });

  it("multiplies intervals of all queues together, and leaves nothing at nothing", () => {
    const all = grid(false);
    expect(all.rows[rowOf("09:15", false)]!.cells[0]!.editable).toBe(false);
    const made = adjustmentsOf(all, [{ row: rowOf("09:00", false), col: 1, value: 60 }], {
      ...options,
      queueId: undefined,
    });
    expect(made).toEqual([
      { name: "why", kind: "multiply", from: tuesday, to: "2026-11-17T01:15:00.000Z", value: 2 },
    ]);
  });
});

describe("adjustments", () => {
  const change = (part: Partial<Adjustment>): Adjustment => ({
    id: "a",
    name: "n",
    kind: "day_total",
    value: 1,
    by: "u1",
    at: monday,
    undone: false,
    ...part,
  });

  it("mark the days they touch, unless undone or of another queue", () => {
    const days = ["2026-11-16", "2026-11-17", "2026-11-18"];
    const touched = changedDays(
      [
        change({ day: "2026-11-16", queue_id: "q1" }),
        change({ day: "2026-11-18", queue_id: "q2" }),
        change({ kind: "multiply", from: "2026-11-16T16:00:00Z", to: "2026-11-17T16:00:00Z" }),
        change({ day: "2026-11-18", undone: true }),
      ],
      zone,
      "q1",
      days,
    );
    expect([...touched]).toEqual(["2026-11-16", "2026-11-17"]);
  });

  it("are taken back the latest first", () => {
    expect(lastDone([change({ id: "a" }), change({ id: "b" }), change({ id: "c", undone: true })])?.id).toBe(
      "b",
    );
    expect(lastDone([])).toBeUndefined();
  });
});
