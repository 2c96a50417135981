import type { KeyboardEvent } from "react";
import type { CalendarView } from "../../api/models";
import { monthLabel, weekday } from "../../format/time";
import { type Text, useText } from "../../text/text";
import { hoursText, monthWeeks, openOn, specialOn } from "./model";

/** What a date says, in words. */
export function dayWords(t: Text, calendar: CalendarView, date: string): string {
  const special = specialOn(calendar, date);
  const hours = hoursText(openOn(calendar, date)) || t("screen.calendar.shut");
  if (!special) return hours;
  return [special.name || special.tag, t.of(`screen.day_kind.${special.kind}`, special.kind), hours]
    .filter(Boolean)
    .join(" · ");
}

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** A month with its special days and opening hours; arrows move, Enter opens a day. */
export function MonthView(props: {
  calendar: CalendarView;
  month: string;
  today: string;
  chosen: string | undefined;
  onChoose: (date: string) => void;
}) {
  const t = useText();
  const { calendar, month, chosen } = props;
  const weeks = monthWeeks(month);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = steps[event.key];
    if (step === undefined) return;
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = all[at + step];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <table className="month">
      <caption className="visually-hidden">{monthLabel(month)}</caption>
      <thead>
        <tr>
          {weeks[0]!.map((date) => (
            <th key={date} scope="col">
              {weekday(`${date}T00:00:00Z`, "UTC")}
            </th>
          ))}
        </tr>
      </thead>
      <tbody onKeyDown={onKeyDown}>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((date) => {
              const special = specialOn(calendar, date);
              const hours = hoursText(openOn(calendar, date));
              const classes = ["month-day"];
              if (special) classes.push(`month-${special.kind}`);
              if (date.slice(0, 7) !== month && !special) classes.push("month-beside");
              return (
                <td key={date}>
                  <button
                    type="button"
                    className={classes.join(" ")}
                    aria-pressed={date === chosen}
                    aria-current={date === props.today ? "date" : undefined}
                    onClick={() => props.onChoose(date)}
                  >
                    <span className="month-date">
                      <span className="visually-hidden">{date.slice(0, 8)}</span>
                      {date.slice(8)}
                    </span>
                    {special && (
                      <span className="month-name">
                        {special.name || special.tag || t.of(`screen.day_kind.${special.kind}`, special.kind)}
                      </span>
                    )}
                    <span className="month-hours">{hours || t("screen.calendar.shut")}</span>
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A year at a glance; a month's name leads to the month. */
export function YearView(props: { calendar: CalendarView; year: string; onMonth: (month: string) => void }) {
  const t = useText();
  const months = Array.from({ length: 12 }, (_, i) => `${props.year}-${String(i + 1).padStart(2, "0")}`);
  return (
    <div className="year">
      {months.map((month) => (
        <section key={month} aria-label={monthLabel(month)}>
          <button type="button" className="plain year-month" onClick={() => props.onMonth(month)}>
            {monthLabel(month)}
          </button>
          <table aria-hidden>
            <tbody>
              {monthWeeks(month).map((week) => (
                <tr key={week[0]}>
                  {week.map((date) => {
                    const special = date.slice(0, 7) === month ? specialOn(props.calendar, date) : undefined;
                    return (
                      <td
                        key={date}
                        className={special && `month-${special.kind}`}
                        title={special && dayWords(t, props.calendar, date)}
                      >
                        {date.slice(0, 7) === month ? Number(date.slice(8)) : ""}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  );
}
