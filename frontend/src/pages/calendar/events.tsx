import { Button, Input, InputNumber } from "antd";
import { useState } from "react";
import type { CalendarEvent } from "../../api/models";
import { Block } from "../../components/page-header";
import { count } from "../../format/number";
import { dayLabel } from "../../format/time";
import { useText } from "../../text/text";

/** An event as the API takes it: the last day counts. */
export interface NewEvent {
  name: string;
  from: string;
  to: string;
  size?: number;
}

/** Campaigns and other events over some days, with the size they are expected to have. */
export function Events(props: {
  events: CalendarEvent[];
  editable: boolean;
  saving: boolean;
  onSave: (events: NewEvent[]) => void;
}) {
  const t = useText();
  const [adding, setAdding] = useState(false);
  const day = (date: string) => dayLabel(`${date}T00:00:00Z`, "UTC");
  return (
    <Block
      title={t("screen.calendar.events")}
      extra={
        props.editable &&
        !adding && <Button onClick={() => setAdding(true)}>{t("screen.calendar.add_event")}</Button>
      }
    >
      {props.events.length === 0 && !adding && <p className="soft">{t("screen.calendar.no_events")}</p>}
      <ul className="events">
        {props.events.map((event) => (
          <li key={event.id}>
            <span>
              <strong>{event.name}</strong>
              <br />
              <span className="soft">
                {event.from === event.to ? day(event.from) : `${day(event.from)} – ${day(event.to)}`} ·{" "}
                {event.size > 0 ? `× ${count(event.size, 2)}` : t("screen.calendar.learnt")}
              </span>
            </span>
            {props.editable && (
              <Button
                type="link"
                disabled={props.saving}
                aria-label={`${t("screen.scenario.remove")}: ${event.name}`}
                onClick={() => props.onSave(props.events.filter((other) => other.id !== event.id))}
              >
                {t("screen.scenario.remove")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {adding && (
        <EventForm
          saving={props.saving}
          onClose={() => setAdding(false)}
          onAdd={(event) => {
            props.onSave([...props.events, event]);
            setAdding(false);
          }}
        />
      )}
    </Block>
  );
}

function EventForm(props: { saving: boolean; onClose: () => void; onAdd: (event: NewEvent) => void }) {
  const t = useText();
  const [name, setName] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [size, setSize] = useState<number | null>(null);
  const last = to || from;
  const ready = name.trim() !== "" && from !== "" && last >= from;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) props.onAdd({ name: name.trim(), from, to: last, ...(size && { size }) });
      }}
    >
      <label className="field">
        <span>{t("screen.calendar.name")}</span>
        <Input value={name} maxLength={200} autoFocus onChange={(event) => setName(event.target.value)} />
      </label>
      <div className="range-fields">
        <label className="field">
          <span>{t("screen.adjust.first_day")}</span>
          <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label className="field">
          <span>{t("screen.adjust.last_day")}</span>
          <Input type="date" min={from} value={last} onChange={(event) => setTo(event.target.value)} />
        </label>
      </div>
      <label className="field">
        <span>{t("screen.calendar.size")}</span>
        <InputNumber
          min={0}
          max={100}
          step={0.1}
          prefix="×"
          value={size}
          onChange={setSize}
          style={{ width: "100%" }}
        />
        <span className="soft">{t("screen.calendar.size_help")}</span>
      </label>
      <div className="day-actions">
        <Button type="primary" htmlType="submit" disabled={!ready} loading={props.saving}>
          {t("screen.calendar.add_event")}
        </Button>
        <Button onClick={props.onClose}>{t("screen.action.cancel")}</Button>
      </div>
    </form>
  );
}
