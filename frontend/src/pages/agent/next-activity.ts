import type { Activity, MyShift } from "../../api/models";

/** The shift in progress or next to come, the activity under way and the one after it. */
export function nextActivity(
  shifts: MyShift[],
  now: number,
): { shift: MyShift; current?: Activity; next?: Activity } | undefined {
  const shift = [...shifts]
    .sort((a, b) => a.start.localeCompare(b.start))
    .find((s) => Date.parse(s.end) > now);
  if (!shift) return undefined;
  const current = shift.activities.find((a) => Date.parse(a.start) <= now && now < Date.parse(a.end));
  const next = shift.activities.find((a) => Date.parse(a.start) > now);
  return { shift, current, next };
}
