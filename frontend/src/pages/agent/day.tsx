import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { client, unwrap } from "../../api/client";
import type { Desk, DeskContact, MyShift } from "../../api/models";
import { Problem } from "../../api/problem";
import { deskQuery, myShiftsQuery } from "../../api/queries";
import { useStream } from "../../api/use-stream";
import { usePageFrame } from "../../app/frame";
import { useSession } from "../../app/session";
import { Loaded, problemText, TableSkeleton } from "../../components/states";
import { useNow } from "../../components/use-now";
import { dayLabel, duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { LiveTag } from "../../components/live";
import { ActivityBar } from "./activity-bar";
import { nextActivity } from "./next-activity";
import "./agent.css";

/** The agent's day: what comes next, my state, the contact at hand. */
export default function AgentDay() {
  const { user } = useSession();
  const now = useNow();
  const shifts = useQuery(myShiftsQuery);
  const desk = useQuery({ ...deskQuery, refetchInterval: 20_000 });
  const queries = useQueryClient();
  const live = useStream(
    "/api/v1/me/stream",
    ["desk", "offer", "state", "contact", "shift"],
    () => void queries.invalidateQueries({ queryKey: ["me"] }),
    () => void queries.invalidateQueries({ queryKey: ["me"] }),
  );
  usePageFrame("none", undefined, shifts.data?.zone);
  return (
    <div className="agent">
      <div className="agent-head">
        <h1>{user.display}</h1>
        <LiveTag state={live} />
      </div>
      <Loaded query={shifts} skeleton={<TableSkeleton rows={3} />}>
        {(own) => <NextUp shifts={own.shifts} zone={own.zone} now={now} />}
      </Loaded>
      <Loaded query={desk} skeleton={<TableSkeleton rows={4} />}>
        {(data) => (
          <>
            <MyState desk={data} now={now} />
            <Contacts desk={data} now={now} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function NextUp({ shifts, zone, now }: { shifts: MyShift[]; zone: string; now: number }) {
  const t = useText();
  const found = nextActivity(shifts, now);
  if (!found) return <section className="card">{t("screen.agent.no_shift")}</section>;
  const { shift, current, next } = found;
  const name = (kind: string) => t.of(`screen.activity.${kind}`, kind);
  return (
    <section className="card" aria-labelledby="next-title">
      <h2 id="next-title">
        {current ? t("screen.agent.now", { activity: name(current.kind) }) : dayLabel(shift.start_at, zone)}
      </h2>
      {next && (
        <p className="agent-next">
          <strong>{name(next.kind)}</strong> {timeOfDay(next.start_at, zone)}
          <span className="agent-countdown">
            {t("screen.agent.in", { time: duration((Date.parse(next.start_at) - now) / 1000) })}
          </span>
        </p>
      )}
      {!next && current && (
        <p className="agent-next">{t("screen.agent.until", { time: timeOfDay(current.end_at, zone) })}</p>
      )}
      <ActivityBar shift={shift} zone={zone} now={now} />
    </section>
  );
}

/** The states an agent chooses; the others follow from the work. */
const choices = ["ready", "break", "meal", "training", "offline"] as const;

function useDeskAction<A>(call: (argument: A) => Promise<Desk>) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: call,
    onSuccess: (desk) => queries.setQueryData(deskQuery.queryKey, desk),
    onError: (cause) => {
      void message.error(problemText(t, Problem.of(cause)));
      void queries.invalidateQueries({ queryKey: deskQuery.queryKey });
    },
  });
}

type Choice = (typeof choices)[number];

/** What the floor calls a choice: breaks are reasons of not being ready. */
function stateOf(choice: Choice) {
  switch (choice) {
    case "ready":
      return { state: "ready" } as const;
    case "offline":
      return { state: "off" } as const;
    default:
      return { state: "not_ready", reason: choice } as const;
  }
}

/** The choice that the desk's present state is, if it is one. */
function choiceOf(desk: Desk): string {
  if (desk.state === "off") return "offline";
  return desk.state === "not_ready" ? (desk.reason ?? desk.state) : desk.state;
}

function MyState({ desk, now }: { desk: Desk; now: number }) {
  const t = useText();
  const change = useDeskAction((choice: Choice) =>
    unwrap(client.POST("/api/v1/me/state", { body: stateOf(choice) })),
  );
  return (
    <section className="card" aria-labelledby="state-title">
      <h2 id="state-title">{t("screen.agent.my_state")}</h2>
      <p className="agent-state" aria-live="polite">
        <i className={`agent-mark agent-${choiceOf(desk)}`} aria-hidden />
        <strong>{t.of(`screen.agent_state.${choiceOf(desk)}`, choiceOf(desk))}</strong>
        <span className="soft">{duration((now - Date.parse(desk.since)) / 1000)}</span>
      </p>
      <div className="agent-choices">
        {choices.map((state) => (
          <Button
            key={state}
            size="large"
            type={state === "ready" ? "primary" : "default"}
            disabled={choiceOf(desk) === state || change.isPending}
            onClick={() => change.mutate(state)}
          >
            {t.of(`screen.agent_state.${state}`, state)}
          </Button>
        ))}
      </div>
    </section>
  );
}

function Contacts({ desk, now }: { desk: Desk; now: number }) {
  const t = useText();
  return (
    <section className="card" aria-labelledby="contact-title" aria-live="polite">
      <h2 id="contact-title">{t("screen.agent.contact")}</h2>
      {desk.contacts.length === 0 && (
        <p className="soft">
          {t(desk.state === "ready" ? "screen.agent.no_contact_ready" : "screen.agent.no_contact")}
        </p>
      )}
      {desk.contacts.map((contact) => (
        <Contact key={contact.id} contact={contact} now={now} />
      ))}
    </section>
  );
}

function Contact({ contact, now }: { contact: DeskContact; now: number }) {
  const t = useText();
  const path = { contact_id: contact.id };
  const accept = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/offers/{contact_id}/accept", { params: { path } })),
  );
  const decline = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/offers/{contact_id}/decline", { params: { path } })),
  );
  const finish = useDeskAction(() =>
    unwrap(client.POST("/api/v1/me/contacts/{contact_id}/finish", { params: { path } })),
  );
  const since = contact.accepted_at ?? contact.offered_at ?? contact.arrived_at;
  return (
    <article className="agent-contact">
      <p>
        <strong>{contact.client}</strong> · {contact.queue} ·{" "}
        {t.of(`screen.channel.${contact.channel}`, contact.channel)}
      </p>
      <p>
        {t.of(`screen.contact_state.${contact.state}`, contact.state)}{" "}
        <time className="agent-clock">{duration((now - Date.parse(since)) / 1000)}</time>
        {contact.state === "offered" && contact.deadline && (
          <span className="soft">
            {" "}
            {t("screen.agent.offer_ends", { time: duration((Date.parse(contact.deadline) - now) / 1000) })}
          </span>
        )}
      </p>
      <div className="agent-choices">
        {contact.state === "offered" ? (
          <>
            <Button
              type="primary"
              size="large"
              loading={accept.isPending}
              onClick={() => accept.mutate(undefined)}
            >
              {t("screen.agent.accept")}
            </Button>
            <Button size="large" loading={decline.isPending} onClick={() => decline.mutate(undefined)}>
              {t("screen.agent.decline")}
            </Button>
          </>
        ) : (
          <Button
            type="primary"
            size="large"
            loading={finish.isPending}
            onClick={() => finish.mutate(undefined)}
          >
            {t("screen.agent.finish")}
          </Button>
        )}
      </div>
    </article>
  );
}
