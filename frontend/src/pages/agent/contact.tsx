import { Button } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { DeskContact, ParkedContact } from "../../api/models";
import { useZone } from "../../app/frame";
import { ReasonPanel } from "../../components/reason-panel";
import { duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { useDeskAction } from "./desk-action";
import { MoveDialog } from "./move-dialog";

/** One contact on the desk: what to do next, the script, why it came here. */
export function Contact({ contact, now }: { contact: DeskContact; now: number }) {
  const t = useText();
  const [moving, setMoving] = useState<"transfer" | "park" | "callback">();
  const since = contact.accepted_at ?? contact.offered_at;
  const left = contact.deadline ? (Date.parse(contact.deadline) - now) / 1000 : undefined;
  return (
    <article className={`agent-contact agent-contact-${contact.state}`}>
      <p className="agent-contact-head">
        <strong>{contact.client}</strong> · {contact.queue} ·{" "}
        {t.of(`screen.channel.${contact.channel}`, contact.channel)}
      </p>
      <p>
        {t.of(`screen.contact_state.${contact.state}`, contact.state)}{" "}
        <time className="agent-clock">{duration((now - Date.parse(since)) / 1000)}</time>{" "}
        <span className="soft">
          {t("screen.agent.waited", {
            time: duration((Date.parse(since) - Date.parse(contact.arrived_at)) / 1000),
          })}
        </span>
      </p>
      {left !== undefined && (
        <p className={left < 6 ? "agent-deadline agent-deadline-near" : "agent-deadline"} role="timer">
          {t(contact.state === "wrapping" ? "screen.agent.wrap_ends" : "screen.agent.offer_ends", {
            time: duration(Math.max(0, left)),
          })}
        </p>
      )}
      <Verbs contact={contact} onMove={setMoving} />
      {contact.attributes && (
        <dl className="agent-attributes">
          {Object.entries(contact.attributes).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {contact.script && (
        <details className="agent-panel" open={contact.state === "accepted"}>
          <summary>{t("screen.agent.script")}</summary>
          <p className="agent-script">{contact.script}</p>
        </details>
      )}
      <details className="agent-panel">
        <summary>{t("screen.agent.reason")}</summary>
        {contact.reason ? (
          <ReasonPanel reason={contact.reason} />
        ) : (
          <p className="soft">{t("screen.reason.not_recorded")}</p>
        )}
      </details>
      {moving && <MoveDialog kind={moving} contact={contact} onClose={() => setMoving(undefined)} />}
    </article>
  );
}

function Verbs(props: { contact: DeskContact; onMove: (kind: "transfer" | "park" | "callback") => void }) {
  const { contact, onMove } = props;
  const t = useText();
  const params = { path: { contact_id: contact.id } };
  const accept = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/offers/{contact_id}/accept", { params })),
  );
  const decline = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/offers/{contact_id}/decline", { params })),
  );
  const finish = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/contacts/{contact_id}/finish", { params })),
  );
  const wrapped = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/contacts/{contact_id}/wrapped", { params })),
  );
  const requeue = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/contacts/{contact_id}/requeue", { params })),
  );
  const primary = (label: string, action: typeof accept) => (
    <Button type="primary" size="large" loading={action.isPending} onClick={() => action.mutate(undefined)}>
      {label}
    </Button>
  );
  if (contact.state === "offered")
    return (
      <div className="agent-choices">
        {primary(t("screen.agent.accept"), accept)}
        <Button size="large" loading={decline.isPending} onClick={() => decline.mutate(undefined)}>
          {t("screen.agent.decline")}
        </Button>
      </div>
    );
  if (contact.state === "wrapping")
    return <div className="agent-choices">{primary(t("screen.agent.wrapped"), wrapped)}</div>;
  return (
    <>
      <div className="agent-choices">{primary(t("screen.agent.finish"), finish)}</div>
      <div className="agent-choices agent-moves">
        <Button onClick={() => onMove("transfer")}>{t("screen.agent.transfer")}</Button>
        <Button onClick={() => onMove("park")}>{t("screen.agent.park")}</Button>
        <Button onClick={() => onMove("callback")}>{t("screen.agent.callback")}</Button>
        <Button loading={requeue.isPending} onClick={() => requeue.mutate(undefined)}>
          {t("screen.agent.requeue")}
        </Button>
      </div>
    </>
  );
}

/** Contacts that wait for their customers. */
export function ParkedList({ parked, now }: { parked: ParkedContact[]; now: number }) {
  const t = useText();
  if (parked.length === 0) return null;
  return (
    <section className="card" aria-labelledby="parked-title">
      <h2 id="parked-title">{t("screen.agent.parked", { count: parked.length })}</h2>
      <ul className="agent-parked">
        {parked.map((contact) => (
          <ParkedRow key={contact.id} contact={contact} now={now} />
        ))}
      </ul>
    </section>
  );
}

function ParkedRow({ contact, now }: { contact: ParkedContact; now: number }) {
  const t = useText();
  const zone = useZone();
  const resume = useDeskAction(() =>
    unwrap(
      client.POST("/api/v1/me/contacts/{contact_id}/resume", {
        params: { path: { contact_id: contact.id } },
      }),
    ),
  );
  return (
    <li>
      <span>
        <strong>{contact.client}</strong> · {contact.queue}
        {contact.until && (
          <span className="soft">
            {" "}
            {t("screen.agent.back_at", {
              at: timeOfDay(contact.until, zone),
              time: duration(Math.max(0, Date.parse(contact.until) - now) / 1000),
            })}
          </span>
        )}
      </span>
      <Button loading={resume.isPending} onClick={() => resume.mutate(undefined)}>
        {t("screen.agent.resume")}
      </Button>
    </li>
  );
}
