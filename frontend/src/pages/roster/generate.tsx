import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Modal, Segmented } from "antd";
import { useEffect, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Roster } from "../../api/models";
import { Problem } from "../../api/problem";
import { plansQuery } from "../../api/queries";
import { useClients } from "../../app/frame";
import { useJob } from "../../app/jobs";
import { problemText } from "../../components/states";
import { ClientName } from "../../components/status";
import { count, percent } from "../../format/number";
import { addDays, duration } from "../../format/time";
import { useText } from "../../text/text";
import { ReceivedChoice, type Uses } from "./received";
import { gapOf, readProgress } from "./solve";

/** Searching for a roster: what it shall cover, then how far it is, until it stands on the board. */
export function Generate(props: {
  /** The roster on the board, whose days and name are proposed. */
  roster: Roster | undefined;
  open: boolean;
  jobId: string | undefined;
  started: (jobId: string) => void;
  close: () => void;
  made: (rosterId: string) => void;
}) {
  const t = useText();
  return (
    <Modal
      open={props.open}
      onCancel={props.close}
      footer={null}
      width={620}
      destroyOnHidden
      title={t(props.jobId ? "screen.generate.running" : "screen.generate.title")}
    >
      {props.jobId ? (
        <Progress jobId={props.jobId} made={props.made} close={props.close} />
      ) : (
        <Ask {...props} />
      )}
    </Modal>
  );
}

const SECONDS = [30, 120, 600];

function Ask({ roster, started }: { roster: Roster | undefined; started: (jobId: string) => void }) {
  const t = useText();
  const { message } = App.useApp();
  const clients = useClients();
  const plans = useQuery(plansQuery({})).data ?? [];
  const latest = [...new Map([...plans].reverse().map((plan) => [plan.client_id, plan])).values()];
  const [from, setFrom] = useState(roster?.from_day ?? new Date().toISOString().slice(0, 10));
  const [weeks, setWeeks] = useState(() =>
    roster
      ? Math.max(1, Math.round((Date.parse(roster.to_day) - Date.parse(roster.from_day)) / 604_800_000))
      : 4,
  );
  const [chosen, setChosen] = useState<string[]>();
  const [based, setBased] = useState(false);
  const [uses, setUses] = useState<Uses>([]);
  const [seconds, setSeconds] = useState(SECONDS[0]!);
  const own = roster?.plans ?? [];
  const offered = [
    ...plans.filter((plan) => own.includes(plan.id)),
    ...latest.filter((plan) => !own.includes(plan.id)),
  ];
  const picked = chosen ?? (own.length > 0 ? own : latest.map((plan) => plan.id));
  const start = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/rosters", {
          body: {
            name: roster?.name,
            plan_ids: picked,
            received: uses,
            from,
            days: weeks * 7,
            based_on: based ? roster?.id : undefined,
            seconds,
            threads: 2,
            keep_on_stop: true,
          },
        }),
      ),
    onSuccess: (job) => started(job.id),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  return (
    <form
      className="generate"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <label>
        {t("screen.generate.from")}
        <input type="date" value={from} required onChange={(event) => setFrom(event.target.value)} />
      </label>
      <div>
        <span id="generate-weeks">{t("screen.generate.weeks")}</span>
        <Segmented
          aria-labelledby="generate-weeks"
          value={weeks}
          onChange={setWeeks}
          options={[1, 2, 4].map((n) => ({ value: n, label: count(n) }))}
        />
        <span className="soft">
          {" "}
          {t("screen.generate.until", { day: addDays(from || "2026-01-05", weeks * 7 - 1) })}
        </span>
      </div>
      <fieldset>
        <legend>{t("screen.generate.plans")}</legend>
        {offered.map((plan) => (
          <Checkbox
            key={plan.id}
            checked={picked.includes(plan.id)}
            onChange={(event) =>
              setChosen(event.target.checked ? [...picked, plan.id] : picked.filter((id) => id !== plan.id))
            }
          >
            <ClientName
              name={`${clients.name(plan.client_id)} · ${t("screen.forecast.version", { version: plan.version })}`}
              color={clients.color(plan.client_id)}
            />
          </Checkbox>
        ))}
      </fieldset>
      <ReceivedChoice uses={uses} choose={setUses} />
      <div>
        <span id="generate-time">{t("screen.generate.time")}</span>
        <Segmented
          aria-labelledby="generate-time"
          value={seconds}
          onChange={setSeconds}
          options={SECONDS.map((n) => ({ value: n, label: duration(n) }))}
        />
      </div>
      {roster && (
        <Checkbox checked={based} onChange={(event) => setBased(event.target.checked)}>
          {t("screen.generate.based", { version: roster.version })}
        </Checkbox>
      )}
      <p className="soft">{t("screen.generate.promise")}</p>
      <Button type="primary" htmlType="submit" loading={start.isPending} disabled={picked.length === 0}>
        {t("screen.generate.start")}
      </Button>
    </form>
  );
}

/** The search as it goes: score by level, bound, time; stopping keeps the best. */
function Progress(props: { jobId: string; made: (rosterId: string) => void; close: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const job = useJob(props.jobId).data;
  const progress = readProgress(job?.note);
  const [stopping, setStopping] = useState(false);
  const [, tick] = useState(0);
  const over = job && job.status !== "waiting" && job.status !== "running";
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [over]);
  const { made } = props;
  const told = useRef(false);
  useEffect(() => {
    const id = (job?.result as { id?: string } | undefined)?.id;
    if (job?.status !== "done" || !id || told.current) return;
    told.current = true;
    void queries.invalidateQueries({ queryKey: ["rosters"], exact: true }).then(() => made(id));
  }, [job, made, queries]);
  const stop = async () => {
    setStopping(true);
    try {
      await unwrap(
        client.POST("/api/v1/rosters/searches/{id}/stop", { params: { path: { id: props.jobId } } }),
      );
    } catch (cause) {
      setStopping(false);
      void message.error(problemText(t, Problem.of(cause)));
    }
  };
  const gap = progress && gapOf(progress);
  const begun = job?.started_at ? Date.parse(job.started_at) : undefined;
  return (
    <div className="solving" role="status" aria-live="off">
      <progress
        aria-label={t("screen.job.roster")}
        value={job?.status === "running" ? job.progress : undefined}
      />
      <dl>
        <div>
          <dt>{t("screen.generate.elapsed")}</dt>
          <dd>{begun ? duration((Date.now() - begun) / 1000) : "0:00"}</dd>
        </div>
        <div>
          <dt>{t("screen.generate.stage")}</dt>
          <dd>
            {progress ? t.of(`screen.solve_stage.${progress.stage}`, progress.stage) : (job?.note ?? "")}
          </dd>
        </div>
        <div>
          <dt>{t("screen.generate.moves")}</dt>
          <dd>{count(progress?.moves)}</dd>
        </div>
        {(progress && progress.moves > 0 ? progress.levels : []).map(({ level, points }) => (
          <div key={level}>
            <dt>{t.of(`screen.level.${level}`, level)}</dt>
            <dd className={level === "hard" && points > 0 ? "judgement-bad" : undefined}>{count(points)}</dd>
          </div>
        ))}
        {progress && (
          <div>
            <dt>{t("screen.generate.bound")}</dt>
            <dd>
              {count(progress.bound)}
              {gap !== undefined && (
                <span className="soft"> {t("screen.generate.gap", { gap: percent(gap) })}</span>
              )}
            </dd>
          </div>
        )}
      </dl>
      {job?.status === "failed" && <p className="judgement-bad">{job.error?.detail}</p>}
      {job?.status === "cancelled" && <p>{t("screen.generate.cancelled")}</p>}
      <div className="solving-actions">
        <span className="soft">{t("screen.generate.leave")}</span>
        {over ? (
          <Button onClick={props.close}>{t("screen.action.close")}</Button>
        ) : (
          <Button loading={stopping} onClick={() => void stop()}>
            {t("screen.generate.stop")}
          </Button>
        )}
      </div>
    </div>
  );
}
