import { describe, expect, it } from "vitest";
import type { MyShift } from "../../api/models";
import { nextActivity } from "./next-activity";

const shift = (day: string): MyShift => ({
  id: day,
  business_date: day,
  zone: "UTC",
  start: `${day}T08:00:00Z`,
  end: `${day}T12:00:00Z`,
  activities: [
    { kind: "work", start: `${day}T08:00:00Z`, end: `${day}T10:00:00Z` },
    { kind: "break", start: `${day}T10:00:00Z`, end: `${day}T10:15:00Z` },
    { kind: "work", start: `${day}T10:15:00Z`, end: `${day}T12:00:00Z` },
  ],
});
const shifts = [shift("2026-11-24"), shift("2026-11-23")];
const at = (instant: string) => nextActivity(shifts, Date.parse(instant));

describe("next activity", () => {
  it("is the first of the next shift before work", () => {
    expect(at("2026-11-23T07:00:00Z")).toMatchObject({ shift: { id: "2026-11-23" }, next: { kind: "work" } });
    expect(at("2026-11-23T07:00:00Z")?.current).toBeUndefined();
  });

  it("follows the current one, whose end is not part of it", () => {
    expect(at("2026-11-23T09:59:59Z")).toMatchObject({ current: { kind: "work" }, next: { kind: "break" } });
    expect(at("2026-11-23T10:00:00Z")).toMatchObject({ current: { kind: "break" }, next: { kind: "work" } });
  });

  it("is none in the last activity, and the next day's after the shift", () => {
    expect(at("2026-11-23T11:00:00Z")?.next).toBeUndefined();
    expect(at("2026-11-23T12:00:00Z")?.shift.id).toBe("2026-11-24");
    expect(at("2026-11-24T12:00:00Z")).toBeUndefined();
  });
});
