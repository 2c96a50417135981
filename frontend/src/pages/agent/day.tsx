import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { client, unwrap } from "../../api/client";
import type { Desk, MyShift } from "../../api/models";
import { deskQuery, myShiftsQuery } from "../../api/queries";
import { useStream } from "../../api/use-stream";
import { usePageFrame } from "../../app/frame";
import { useSession } from "../../app/session";
import { Loaded, TableSkeleton } from "../../components/states";
import { useNow } from "../../components/use-now";
import { dayLabel, duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { LiveTag } from "../../components/live";
import { activityOf } from "../floor/agents";
import { ActivityBar } from "./activity-bar";
import { Contact, ParkedList } from "./contact";
import { useDeskAction } from "./desk-action";
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
    ["desk"],
    (event) => queries.setQueryData(deskQuery.queryKey, event.data as Desk),
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
            <ParkedList parked={data.parked ?? []} now={now} />
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

/** What an agent chooses; the other states follow from the work. */
const choices = [
  { name: "ready", state: "ready" },
  { name: "break", state: "not_ready", reason: "break" },
  { name: "meal", state: "not_ready", reason: "meal" },
  { name: "training", state: "not_ready", reason: "training" },
  { name: "off", state: "off" },
] as const;
type Choice = (typeof choices)[number];

function MyState({ desk, now }: { desk: Desk; now: number }) {
  const t = useText();
  const change = useDeskAction((choice: Choice) =>
    unwrap(
      client.POST("/api/v1/me/state", {
        body: { state: choice.state, ...("reason" in choice && { reason: choice.reason }) },
      }),
    ),
  );
  const current = activityOf(desk);
  return (
    <section className="card" aria-labelledby="state-title">
      <h2 id="state-title">{t("screen.agent.my_state")}</h2>
      <p className="agent-state" aria-live="polite">
        <i className={`agent-mark agent-${current}`} aria-hidden />
        <strong>{t.of(`screen.agent_state.${current}`, current)}</strong>
        <span className="soft">{desk.since ? duration((now - Date.parse(desk.since)) / 1000) : ""}</span>
      </p>
      <div className="agent-choices">
        {choices.map((choice) => (
          <Button
            key={choice.name}
            size="large"
            type={choice.name === "ready" ? "primary" : "default"}
            disabled={current === choice.name || change.isPending}
            onClick={() => change.mutate(choice)}
          >
            {t.of(`screen.agent_state.${choice.name}`, choice.name)}
          </Button>
        ))}
      </div>
    </section>
  );
}

function Contacts({ desk, now }: { desk: Desk; now: number }) {
  const t = useText();
  const contacts = desk.contacts ?? [];
  return (
    <section className="card" aria-labelledby="contact-title" aria-live="polite">
      <h2 id="contact-title">{t("screen.agent.contact")}</h2>
      {contacts.length === 0 && (
        <p className="soft">
          {t(desk.state === "ready" ? "screen.agent.no_contact_ready" : "screen.agent.no_contact")}
        </p>
      )}
      {contacts.map((contact) => (
        <Contact key={contact.id} contact={contact} now={now} />
      ))}
    </section>
  );
}
