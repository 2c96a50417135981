import { Button, Input } from "antd";
import { useState } from "react";
import type { CalendarView, OpenHours } from "../../api/models";
import { Block } from "../../components/page-header";
import { weekday } from "../../format/time";
import { useText } from "../../text/text";
import { hoursText, parseHours, withWeekday } from "./model";

/** Monday to Sunday, by their numbers; 2026-11-16 is a Monday. */
const week = [1, 2, 3, 4, 5, 6, 0];
const dateOf = (day: number) => `2026-11-${String(15 + (day === 0 ? 7 : day)).padStart(2, "0")}`;

/** The opening hours of the weekdays. */
export function HoursBlock(props: {
  calendar: CalendarView;
  editable: boolean;
  saving: boolean;
  onSave: (hours: OpenHours[]) => void;
}) {
  const t = useText();
  const { calendar } = props;
  const stored = (day: number) => hoursText((calendar.hours ?? []).filter((span) => span.weekday === day));
  const [typed, setTyped] = useState<Record<number, string>>({});
  const changed = week.filter((day) => typed[day] !== undefined && typed[day] !== stored(day));
  const bad = changed.filter((day) => !parseHours(typed[day]!));
  return (
    <Block title={t("screen.calendar.weekdays", { zone: calendar.zone })}>
      <dl className="weekdays">
        {week.map((day) => {
          const name = weekday(`${dateOf(day)}T00:00:00Z`, "UTC");
          return (
            <div key={day}>
              <dt>{name}</dt>
              <dd>
                {props.editable ? (
                  <Input
                    aria-label={`${t("screen.calendar.hours")} ${name}`}
                    value={typed[day] ?? stored(day)}
                    placeholder={t("screen.calendar.shut")}
                    status={bad.includes(day) ? "error" : undefined}
                    onChange={(event) => setTyped({ ...typed, [day]: event.target.value })}
                  />
                ) : (
                  stored(day) || t("screen.calendar.shut")
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      {bad.length > 0 && <p className="calendar-bad">{t("screen.calendar.hours_help")}</p>}
      {changed.length > 0 && (
        <div className="day-actions">
          <Button
            type="primary"
            loading={props.saving}
            disabled={bad.length > 0}
            onClick={() => {
              props.onSave(
                changed.reduce(
                  (hours, day) => withWeekday(hours, day, parseHours(typed[day]!) ?? []),
                  calendar.hours ?? [],
                ),
              );
              setTyped({});
            }}
          >
            {t("screen.calendar.save_hours")}
          </Button>
          <Button onClick={() => setTyped({})}>{t("screen.action.cancel")}</Button>
        </div>
      )}
    </Block>
  );
}
