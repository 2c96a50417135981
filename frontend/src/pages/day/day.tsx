import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Modal, Select } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Roster } from "../../api/models";
import { Problem } from "../../api/problem";
import { boardQuery, peopleQuery, rostersQuery, teamsQuery } from "../../api/queries";
import { usePageFrame } from "../../app/frame";
import { useJob } from "../../app/jobs";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { count } from "../../format/number";
import { dayLabel, dayOf, daysBetween, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { Board } from "../roster/board";
import { resolve, search, type Working, workingOn } from "./absences";
import { Options } from "./options";
import "../roster/roster.css";
import "./day.css";

/** Who does not come today, and what to do about it: nothing happens before one confirmation. */
export default function DayPage() {
  const t = useText();
  const rosters = useQuery(rostersQuery);
  return (
    <Loaded query={rosters}>
      {(list) => {
        const published = list.filter((r) => r.status === "published" || r.status === "locked");
        return published.length === 0 ? (
          <EmptyView title={t("screen.day.none")} advice={t("screen.day.none_advice")} />
        ) : (
          <Desk rosters={published} />
        );
      }}
    </Loaded>
  );
}

/** The roster in force on a day: the one published last. */
function inForce(rosters: Roster[], day: string): Roster | undefined {
  return rosters
    .filter((r) => r.from_day <= day && day < r.to_day)
    .sort((a, b) => (b.published_at ?? "").localeCompare(a.published_at ?? ""))[0];
}

function Desk({ rosters }: { rosters: Roster[] }) {
  const t = useText();
  const session = useSession();
  const [now] = useState(() => Date.now());
  const zone = rosters[0]!.zone;
  const days = useMemo(() => {
    const all = new Set(rosters.flatMap((r) => daysBetween(r.from_day, r.to_day)));
    const today = dayOf(now, zone);
    const coming = [...all].filter((day) => day >= today).sort();
    return coming.length > 0 ? coming : [...all].sort();
  }, [rosters, zone, now]);
  const [day, setDay] = useState(days[0]!);
  const roster = inForce(rosters, day) ?? rosters[0]!;
  usePageFrame("none", undefined, roster.zone);
  const view = useQuery(boardQuery(roster.id));
  const mayPeople = can(session, "people", "view");
  const people = useQuery({ ...peopleQuery, enabled: mayPeople });
  const teams = useQuery({ ...teamsQuery, enabled: mayPeople });
  const board = useMemo(
    () => view.data && Board.of(view.data, people.data, teams.data),
    [view.data, people.data, teams.data],
  );
  const working = useMemo(() => (board ? workingOn(board, day, now) : []), [board, day, now]);
  const [absent, setAbsent] = useState<string[]>([]);
  const chosen = useMemo(() => working.filter(({ agent }) => absent.includes(agent.id)), [working, absent]);
  const [applied, setApplied] = useState<{ rosterId: string; absences: number }>();

  return (
    <div className="day-page">
      <PageHeader
        title={t("screen.page.day")}
        facts={
          <>
            <Select
              aria-label={t("screen.day.day")}
              value={day}
              onChange={(next) => {
                setDay(next);
                setAbsent([]);
              }}
              options={days.map((d) => ({ value: d, label: dayLabel(`${d}T00:00:00Z`, "UTC") }))}
            />
            <Fact name={t("screen.day.roster")}>
              {roster.name} · {t("screen.forecast.version", { version: roster.version })}
            </Fact>
            <Fact name={t("screen.day.working")}>{count(working.length)}</Fact>
            <Fact name={t("screen.day.absent")}>{count(chosen.length)}</Fact>
          </>
        }
      />
      {applied && <Applied applied={applied} zone={roster.zone} done={() => setApplied(undefined)} />}
      <Loaded query={{ ...view, data: board }}>
        {(data) => (
          <div className="day-columns">
            <SickCalls working={working} absent={absent} zone={roster.zone} change={setAbsent} />
            <Options
              key={`${roster.id} ${day}`}
              roster={roster}
              board={data}
              absences={chosen.map(({ agent, shift }) => ({
                agent_id: agent.id,
                from: shift.start,
                to: shift.end,
                reason: "sick",
              }))}
              applied={(rosterId) => {
                setApplied({ rosterId, absences: chosen.length });
                setAbsent([]);
              }}
            />
          </div>
        )}
      </Loaded>
    </div>
  );
}

const SHOWN = 60;

/** Entering who does not come: type and Enter, click, or paste a list. */
function SickCalls(props: {
  working: Working[];
  absent: string[];
  zone: string;
  change: (ids: string[]) => void;
}) {
  const t = useText();
  const { working, absent, zone, change } = props;
  const [text, setText] = useState("");
  const [pasting, setPasting] = useState(false);
  const [list, setList] = useState("");
  const found = search(text, working);
  const gone = new Set(absent);
  const rest = found.filter(({ agent }) => !gone.has(agent.id));
  const read = useMemo(() => resolve(list, working), [list, working]);
  const add = (ids: string[]) => change([...new Set([...absent, ...ids])]);
  return (
    <Block
      title={t("screen.day.sick")}
      extra={<Button onClick={() => setPasting(true)}>{t("screen.day.paste")}</Button>}
    >
      <Input.Search
        allowClear
        value={text}
        aria-label={t("screen.day.search")}
        placeholder={t("screen.day.search")}
        onChange={(event) => setText(event.target.value)}
        onSearch={() => {
          if (text.trim() === "" || rest.length === 0) return;
          add([rest[0]!.agent.id]);
          setText("");
        }}
      />
      {absent.length > 0 && (
        <div className="day-absent" aria-label={t("screen.day.absent")} role="group">
          {working
            .filter(({ agent }) => gone.has(agent.id))
            .map(({ agent, shift }) => (
              <button
                key={agent.id}
                type="button"
                className="plain day-chip"
                title={t("screen.day.comes_after_all", { agent: agent.label })}
                onClick={() => change(absent.filter((id) => id !== agent.id))}
              >
                <strong>{agent.label}</strong> {timeOfDay(shift.start, zone)} <span aria-hidden>✕</span>
              </button>
            ))}
          <Button type="link" onClick={() => change([])}>
            {t("screen.day.clear")}
          </Button>
        </div>
      )}
      <ul className="day-people" tabIndex={0} aria-label={t("screen.day.working")}>
        {rest.slice(0, SHOWN).map(({ agent, shift }) => (
          <li key={agent.id}>
            <button type="button" className="plain day-person" onClick={() => add([agent.id])}>
              <strong>{agent.label}</strong>
              <span>{agent.name}</span>
              <span className="soft">{agent.team}</span>
              <span className="num">
                {timeOfDay(shift.start, zone)}–{timeOfDay(shift.end, zone)}
              </span>
            </button>
          </li>
        ))}
        {rest.length > SHOWN && (
          <li className="soft">{t("screen.roster.more", { count: rest.length - SHOWN })}</li>
        )}
      </ul>
      <Modal
        open={pasting}
        title={t("screen.day.paste")}
        okText={t("screen.day.add", { count: count(read.found.length) })}
        cancelText={t("screen.action.cancel")}
        okButtonProps={{ disabled: read.found.length === 0 }}
        onCancel={() => setPasting(false)}
        onOk={() => {
          add(read.found.map(({ agent }) => agent.id));
          setList("");
          setPasting(false);
        }}
      >
        <Input.TextArea
          rows={8}
          value={list}
          autoFocus
          aria-label={t("screen.day.paste")}
          placeholder={t("screen.day.paste_hint")}
          onChange={(event) => setList(event.target.value)}
        />
        {read.unknown.length > 0 && (
          <p className="judgement-bad">
            ▲ {t("screen.day.unknown", { names: read.unknown.slice(0, 12).join(", ") })}
          </p>
        )}
        {read.ambiguous.length > 0 && (
          <p className="judgement-bad">
            ▲ {t("screen.day.ambiguous", { names: read.ambiguous.slice(0, 12).join(", ") })}
          </p>
        )}
      </Modal>
    </Block>
  );
}

/** What was applied, and the way back. */
function Applied(props: { applied: { rosterId: string; absences: number }; zone: string; done: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId).data;
  const undo = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/rosters/{id}/restore", { params: { path: { id: props.applied.rosterId } } }),
      ),
    onSuccess: (made) => setJobId(made.id),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const { done } = props;
  const told = useRef(false);
  useEffect(() => {
    if (job?.status === "failed") void message.error(job.error?.detail ?? "");
    if (job?.status !== "done" || told.current) return;
    told.current = true;
    void message.success(t("screen.day.undone"));
    void queries.invalidateQueries({ queryKey: ["rosters"] }).then(done);
  }, [job, queries, message, t, done]);
  const busy = undo.isPending || job?.status === "waiting" || job?.status === "running";
  return (
    <div className="day-applied" role="status">
      <span>● {t("screen.day.applied", { count: count(props.applied.absences) })}</span>
      <Button loading={busy} onClick={() => undo.mutate()}>
        {t("screen.day.undo")}
      </Button>
    </div>
  );
}
