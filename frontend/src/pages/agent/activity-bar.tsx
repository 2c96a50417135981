import type { MyShift } from "../../api/models";
import { timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { activityColor, color } from "../../theme/tokens";

/** A shift as one bar of its activities, with the present as a mark. */
export function ActivityBar({ shift, zone, now }: { shift: MyShift; zone: string; now?: number }) {
  const t = useText();
  const activities = shift.activities ?? [];
  const start = Date.parse(shift.start_at);
  const end = Date.parse(shift.end_at);
  const share = (at: number) => `${Math.min(100, Math.max(0, ((at - start) / (end - start)) * 100))}%`;
  const words = activities
    .map((a) => `${timeOfDay(a.start_at, zone)} ${t.of(`screen.activity.${a.kind}`, a.kind)}`)
    .join(", ");
  return (
    <div className="activity-bar">
      <div className="activity-track" role="img" aria-label={words}>
        {activities.map((a) => (
          <span
            key={a.start_at}
            title={`${timeOfDay(a.start_at, zone)}–${timeOfDay(a.end_at, zone)} ${t.of(`screen.activity.${a.kind}`, a.kind)}`}
            style={{
              left: share(Date.parse(a.start_at)),
              width: `calc(${share(Date.parse(a.end_at))} - ${share(Date.parse(a.start_at))})`,
              background: activityColor[a.kind] ?? (a.client_colour || color.accent),
            }}
          />
        ))}
        {now !== undefined && now > start && now < end && <i style={{ left: share(now) }} />}
      </div>
      <div className="activity-ends">
        <span>{timeOfDay(start, zone)}</span>
        <span>{timeOfDay(end, zone)}</span>
      </div>
    </div>
  );
}
