import type { MyActivity, MyShift } from "../../api/models";

/** The shift in progress or next to come, the activity under way and the one after it. */
export function nextActivity(
  shifts: MyShift[],
  now: number,
): { shift: MyShift; current?: MyActivity; next?: MyActivity } | undefined {
  const shift = [...shifts]
    .sort((a, b) => Date.parse(a.start_at) - Date.parse(b.start_at))
    .find((s) => Date.parse(s.end_at) > now);
  if (!shift) return undefined;
  const activities = shift.activities ?? [];
  const current = activities.find((a) => Date.parse(a.start_at) <= now && now < Date.parse(a.end_at));
  const next = activities.find((a) => Date.parse(a.start_at) > now);
  return { shift, current, next };
}
