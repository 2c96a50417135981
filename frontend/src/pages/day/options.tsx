import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Drawer, Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { DayEffect, DayOption, Roster } from "../../api/models";
import { Problem } from "../../api/problem";
import { useClients } from "../../app/frame";
import { useJob } from "../../app/jobs";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block } from "../../components/page-header";
import { problemText } from "../../components/states";
import { ClientName } from "../../components/status";
import { count, grouped, NONE, percent } from "../../format/number";
import { hours, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import type { Board } from "../roster/board";

interface Absence {
  agent_id: string;
  from: string;
  to: string;
  reason: string;
}

/** Answers that are combined by choosing several; the others stand for themselves. */
const CHOICES = ["reserve", "breaks", "start", "swap", "extend", "call_in", "time_off"];

/** What can be done, the best first; several chosen ones are weighed together and applied by one confirmation. */
export function Options(props: {
  roster: Roster;
  board: Board;
  absences: Absence[];
  applied: (rosterId: string) => void;
}) {
  const t = useText();
  const { roster, absences } = props;
  const { message } = App.useApp();
  const session = useSession();
  const [chosen, setChosen] = useState<string[]>([]);
  const [why, setWhy] = useState<DayOption>();
  const asked = JSON.stringify(absences);
  const path = { params: { path: { id: roster.id } } };
  const find = useMutation({
    mutationFn: async () => ({
      asked,
      answer: await unwrap(client.POST("/api/v1/rosters/{id}/day-options", { ...path, body: { absences } })),
    }),
    onSuccess: () => setChosen([]),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const answer = find.data?.asked === asked ? find.data.answer : undefined;
  const together = useQuery({
    queryKey: ["day-options", roster.id, asked, chosen],
    enabled: answer !== undefined && chosen.length > 1,
    queryFn: () =>
      unwrap(
        client.POST("/api/v1/rosters/{id}/day-options/combined", {
          ...path,
          body: { absences, measures: chosen },
        }),
      ),
  });
  const options = answer?.options ?? [];
  const single = options.find((o) => o.measure === chosen[0]);
  const accept = options.find((o) => o.measure === "accept");
  const decided = chosen.length === 0 ? accept : chosen.length === 1 ? single : together.data;
  if (absences.length === 0)
    return (
      <Block title={t("screen.day.answers")}>
        <p className="soft">{t("screen.day.enter_first")}</p>
      </Block>
    );
  return (
    <Block
      title={t("screen.day.answers")}
      flush
      extra={
        <Button type={answer ? "default" : "primary"} loading={find.isPending} onClick={() => find.mutate()}>
          {t("screen.day.find", { count: count(absences.length) })}
        </Button>
      }
    >
      {find.isPending && <div className="skeleton" style={{ height: 300, margin: 12 }} />}
      {answer && !find.isPending && (
        <>
          <table className="side-table day-options">
            <thead>
              <tr>
                <th>{t("screen.day.answer")}</th>
                <th className="num">{t("screen.day.people")}</th>
                <th className="num">{t("screen.day.missing")}</th>
                <th>{t("screen.day.service")}</th>
                <th className="num">{t("screen.day.penalty")}</th>
                <th className="num">{t("screen.day.labour")}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              <tr className="day-planned">
                <td>{t("screen.day.planned")}</td>
                <td className="num">{NONE}</td>
                <td className="num">{missing(answer.planned)}</td>
                <td>
                  <ServiceLevels effect={answer.planned} />
                </td>
                <td className="num">{credit(answer.planned)}</td>
                <td className="num">{NONE}</td>
                <td />
              </tr>
              {options.map((option) => (
                <Row
                  key={option.measure}
                  option={option}
                  checked={chosen.includes(option.measure)}
                  choose={
                    CHOICES.includes(option.measure)
                      ? (on) =>
                          setChosen((old) =>
                            on ? [...old, option.measure] : old.filter((m) => m !== option.measure),
                          )
                      : option.measure === "combined"
                        ? () => setChosen(CHOICES.filter((m) => m !== "time_off"))
                        : () => setChosen([])
                  }
                  all={option.measure === "combined"}
                  none={option.measure === "accept" && chosen.length === 0}
                  explain={() => setWhy(option)}
                />
              ))}
            </tbody>
          </table>
          <Decision
            {...props}
            chosen={chosen}
            option={decided}
            loading={chosen.length > 1 && together.isFetching}
            explain={setWhy}
            may={can(session, "rosters", "publish")}
          />
        </>
      )}
      <Changes option={why} board={props.board} close={() => setWhy(undefined)} />
    </Block>
  );
}

/** Open requirement on the days concerned, in hours. */
const missing = (effect: DayEffect) =>
  hours((effect.queues ?? []).reduce((sum, queue) => sum + queue.missing_minutes, 0) * 60);

/** The worst credit that any contract would make due. */
function credit(effect: DayEffect): string {
  const worst = Math.max(0, ...(effect.clients ?? []).map((c) => Number(c.credit_share)));
  return worst > 0 ? percent(worst) : "0";
}

function labour(effect: DayEffect): string {
  const list = (effect.labour ?? []).filter((a) => Number(a.value) !== 0);
  return list.length === 0 ? "0" : list.map((a) => `${a.currency} ${grouped(a.value)}`).join(" · ");
}

/** Expected service of each client on the day. */
function ServiceLevels({ effect }: { effect: DayEffect }) {
  const clients = useClients();
  return (
    <span className="day-levels">
      {(effect.clients ?? [])
        .filter((c) => c.offered > 0)
        .map((c) => {
          const queues = (effect.queues ?? []).filter((queue) => queue.client_id === c.client_id);
          const offered = queues.reduce((sum, queue) => sum + queue.offered, 0);
          const goal = offered > 0 ? queues.reduce((sum, q) => sum + q.goal * q.offered, 0) / offered : 0;
          const low = c.service_level < goal;
          return (
            <span
              key={c.client_id}
              title={clients.name(c.client_id)}
              className={low ? "judgement-bad" : undefined}
            >
              <ClientName
                name={`${low ? "▼ " : ""}${percent(c.service_level)}`}
                color={clients.color(c.client_id)}
              />
            </span>
          );
        })}
    </span>
  );
}

function Row(props: {
  option: DayOption;
  checked: boolean;
  choose: (on: boolean) => void;
  all: boolean;
  none: boolean;
  explain: () => void;
}) {
  const t = useText();
  const { option } = props;
  const name = t.of(`screen.measure.${option.measure}`, option.measure);
  const choosable = CHOICES.includes(option.measure);
  return (
    <tr className={props.none ? "day-chosen" : undefined}>
      <td>
        {choosable ? (
          <Checkbox checked={props.checked} onChange={(event) => props.choose(event.target.checked)}>
            {name}
          </Checkbox>
        ) : (
          <Button type="link" className="day-all" onClick={() => props.choose(true)}>
            {name}
          </Button>
        )}
      </td>
      <td className="num">
        {count(option.agents)}
        {option.rearranged > 0 && (
          <span className="soft"> {t("screen.day.rearranged", { count: count(option.rearranged) })}</span>
        )}
      </td>
      <td className="num">{missing(option.effect)}</td>
      <td>
        <ServiceLevels effect={option.effect} />
      </td>
      <td className="num">{credit(option.effect)}</td>
      <td className="num">{labour(option.effect)}</td>
      <td>
        <Button type="link" onClick={props.explain} aria-label={t("screen.day.why_of", { name })}>
          {t("screen.day.why")}
        </Button>
      </td>
    </tr>
  );
}

/** What is chosen, what it does together, and the one confirmation. */
function Decision(props: {
  roster: Roster;
  absences: Absence[];
  chosen: string[];
  option: DayOption | undefined;
  loading: boolean;
  may: boolean;
  explain: (option: DayOption) => void;
  applied: (rosterId: string) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { option, chosen } = props;
  const [sure, setSure] = useState(false);
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId).data;
  const apply = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/rosters/{id}/day-options/apply", {
          params: { path: { id: props.roster.id } },
          body: { absences: props.absences, measures: chosen },
        }),
      ),
    onSuccess: (made) => {
      setSure(false);
      setJobId(made.id);
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const { applied } = props;
  const told = useRef(false);
  useEffect(() => {
    if (job?.status === "failed") void message.error(job.error?.detail ?? "");
    const id = (job?.result as { id?: string } | undefined)?.id;
    if (job?.status !== "done" || !id || told.current) return;
    told.current = true;
    void queries.invalidateQueries({ queryKey: ["rosters"] }).then(() => applied(id));
  }, [job, queries, applied, message]);
  const busy = apply.isPending || job?.status === "waiting" || job?.status === "running";
  const names = chosen.map((m) => t.of(`screen.measure.${m}`, m)).join(" + ");
  const people = option ? option.agents : 0;
  return (
    <div className="day-decision">
      {props.loading && <div className="skeleton" style={{ height: 46, flex: 1 }} />}
      {!props.loading && option && (
        <div className="day-effect">
          <strong>{names || t("screen.measure.accept")}</strong>
          <span>
            {t("screen.day.missing")} <strong>{missing(option.effect)}</strong>
          </span>
          <ServiceLevels effect={option.effect} />
          <span>
            {t("screen.day.penalty")} <strong>{credit(option.effect)}</strong>
          </span>
          <span>
            {t("screen.day.labour")} <strong>{labour(option.effect)}</strong>
          </span>
          <Button type="link" onClick={() => props.explain(option)}>
            {t("screen.day.who", { count: count(option.changes?.length ?? 0) })}
          </Button>
        </div>
      )}
      {props.may && (
        <Button
          type="primary"
          loading={busy}
          disabled={!option || props.loading}
          onClick={() => setSure(true)}
        >
          {t("screen.day.confirm")}
        </Button>
      )}
      <Modal
        open={sure}
        title={t("screen.day.confirm_title", { count: count(props.absences.length) })}
        okText={t("screen.day.confirm_ok")}
        cancelText={t("screen.action.cancel")}
        confirmLoading={apply.isPending}
        onCancel={() => setSure(false)}
        onOk={() => apply.mutate()}
      >
        <p>
          <strong>{names || t("screen.measure.accept")}</strong>
        </p>
        <p>{t("screen.day.confirm_text", { people: count(people), absent: count(props.absences.length) })}</p>
      </Modal>
    </div>
  );
}

const SHOWN = 200;

/** Whose day changes by an answer, and how. */
function Changes(props: { option: DayOption | undefined; board: Board; close: () => void }) {
  const t = useText();
  const { option, board } = props;
  const names = new Map(board.agents.map((agent) => [agent.id, agent]));
  const { zone } = board.view;
  const span = (shift: { start_at: string; end_at: string } | null) =>
    shift ? `${timeOfDay(shift.start_at, zone)}–${timeOfDay(shift.end_at, zone)}` : t("screen.roster.off");
  return (
    <Drawer
      open={option !== undefined}
      onClose={props.close}
      size={520}
      title={option && (option.measures ?? []).map((m) => t.of(`screen.measure.${m}`, m)).join(" + ")}
    >
      {option && (
        <>
          <p className="soft">{t("screen.day.method")}</p>
          <table className="side-table">
            <tbody>
              {(option.changes ?? []).slice(0, SHOWN).map((change) => (
                <tr key={`${change.agent_id} ${change.day} ${change.kind}`}>
                  <td>
                    <strong>{names.get(change.agent_id)?.label}</strong> {names.get(change.agent_id)?.name}
                  </td>
                  <td>{change.day}</td>
                  <td>{t.of(`screen.compare_kind.${change.kind}`, change.kind)}</td>
                  <td className="num">
                    {change.kind === "activities" ? "" : `${span(change.before)} → ${span(change.after)}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Drawer>
  );
}
