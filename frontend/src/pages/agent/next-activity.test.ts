import { describe, expect, it } from "vitest";
import type { MyShift } from "../../api/models";
import { nextActivity } from "./next-activity";

const own = { client: "", client_colour: "", paid: true, queue: "" };
const shift = (day: string): MyShift => ({
  id: day,
  business_day: day,
  start_at: `${day}T08:00:00Z`,
  end_at: `${day}T12:00:00Z`,
  activities: [
    { ...own, kind: "work", start_at: `${day}T08:00:00Z`, end_at: `${day}T10:00:00Z` },
    { ...own, kind: "break", start_at: `${day}T10:00:00Z`, end_at: `${day}T10:15:00Z` },
    { ...own, kind: "work", start_at: `${day}T10:15:00Z`, end_at: `${day}T12:00:00Z` },
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
