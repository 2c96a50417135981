import type { MyShift } from "../../api/models";
import { timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { activityColor, color } from "../../theme/tokens";

/** A shift as one bar of its activities, with the present as a mark. */
export function ActivityBar({ shift, now }: { shift: MyShift; now?: number }) {
  const t = useText();
  const start = Date.parse(shift.start);
  const end = Date.parse(shift.end);
  const share = (at: number) => `${Math.min(100, Math.max(0, ((at - start) / (end - start)) * 100))}%`;
  const words = shift.activities
    .map((a) => `${timeOfDay(a.start, shift.zone)} ${t.of(`screen.activity.${a.kind}`, a.kind)}`)
    .join(", ");
  return (
    <div className="activity-bar">
      <div className="activity-track" role="img" aria-label={words}>
        {shift.activities.map((a) => (
          <span
            key={a.start}
            title={`${timeOfDay(a.start, shift.zone)}–${timeOfDay(a.end, shift.zone)} ${t.of(`screen.activity.${a.kind}`, a.kind)}`}
            style={{
              left: share(Date.parse(a.start)),
              width: `calc(${share(Date.parse(a.end))} - ${share(Date.parse(a.start))})`,
              background: activityColor[a.kind] ?? color.accent,
            }}
          />
        ))}
        {now !== undefined && now > start && now < end && <i style={{ left: share(now) }} />}
      </div>
      <div className="activity-ends">
        <span>{timeOfDay(start, shift.zone)}</span>
        <span>{timeOfDay(end, shift.zone)}</span>
      </div>
    </div>
  );
}
