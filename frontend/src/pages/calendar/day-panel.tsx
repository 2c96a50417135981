import { Button, Input, Select } from "antd";
import { useState } from "react";
import type { CalendarView, SpecialDay } from "../../api/models";
import { Block } from "../../components/page-header";
import { dateLabel, weekday } from "../../format/time";
import { useText } from "../../text/text";
import { datesBetween, dayKinds, hoursText, openOn, parseHours, specialOn, weekdayOf } from "./model";
import { dayWords } from "./month";

/** One date: how it differs from its weekday. */
export function DayPanel(props: {
  calendar: CalendarView;
  date: string | undefined;
  editable: boolean;
  saving: boolean;
  onSave: (dates: string[], day: Omit<SpecialDay, "date"> | undefined) => void;
}) {
  const t = useText();
  const { calendar, date } = props;
  if (!date)
    return (
      <Block title={t("screen.calendar.day")}>
        <p className="soft">{t("screen.calendar.day_help")}</p>
      </Block>
    );
  const at = `${date}T00:00:00Z`;
  return (
    <Block title={`${weekday(at, "UTC")} · ${dateLabel(at, "UTC")}`}>
      <p className="soft">{dayWords(t, calendar, date)}</p>
      {props.editable && <DayForm key={date} {...props} date={date} />}
    </Block>
  );
}

function DayForm(props: {
  calendar: CalendarView;
  date: string;
  saving: boolean;
  onSave: (dates: string[], day: Omit<SpecialDay, "date"> | undefined) => void;
}) {
  const t = useText();
  const { calendar, date } = props;
  const special = specialOn(calendar, date);
  const [kind, setKind] = useState<string>(special?.kind ?? "tagged");
  const [name, setName] = useState(special?.name ?? "");
  const [tag, setTag] = useState(special?.tag ?? "");
  const [until, setUntil] = useState(date);
  const [hours, setHours] = useState(hoursText(openOn(calendar, date)));
  const spans = parseHours(hours);
  const dates = datesBetween(date, until);
  const badHours = kind === "open" && (!spans || spans.length === 0);
  const tags = [...new Set((calendar.special ?? []).map((day) => day.tag).filter((known) => known))];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (badHours || dates.length === 0) return;
        props.onSave(dates, {
          kind,
          name: name.trim(),
          tag: tag.trim(),
          ...(kind === "open" && { hours: spans!.map((span) => ({ ...span, weekday: weekdayOf(date) })) }),
        });
      }}
    >
      <label className="field">
        <span>{t("screen.calendar.kind")}</span>
        <Select
          value={kind}
          onChange={setKind}
          options={dayKinds.map((value) => ({ value, label: t(`screen.day_kind.${value}`) }))}
        />
      </label>
      <label className="field">
        <span>{t("screen.calendar.name")}</span>
        <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        <span>{t("screen.calendar.tag")}</span>
        <Input
          value={tag}
          maxLength={100}
          list="calendar-tags"
          onChange={(event) => setTag(event.target.value)}
        />
        <datalist id="calendar-tags">
          {tags.map((known) => (
            <option key={known} value={known} />
          ))}
        </datalist>
        <span className="soft">{t("screen.calendar.tag_help")}</span>
      </label>
      {kind === "open" && (
        <label className="field">
          <span>{t("screen.calendar.hours")}</span>
          <Input
            value={hours}
            placeholder="09:00-18:00"
            status={badHours ? "error" : undefined}
            onChange={(event) => setHours(event.target.value)}
          />
        </label>
      )}
      <label className="field">
        <span>{t("screen.calendar.until")}</span>
        <Input type="date" min={date} value={until} onChange={(event) => setUntil(event.target.value)} />
      </label>
      <div className="day-actions">
        <Button
          type="primary"
          htmlType="submit"
          loading={props.saving}
          disabled={badHours || dates.length === 0}
        >
          {t("screen.calendar.save_days", { count: dates.length })}
        </Button>
        {special && (
          <Button disabled={props.saving} onClick={() => props.onSave(dates, undefined)}>
            {t("screen.calendar.remove_days", { count: dates.length })}
          </Button>
        )}
      </div>
    </form>
  );
}
