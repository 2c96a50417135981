import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented } from "antd";
import { useEffect, useMemo, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { SimulationSeries } from "../../api/models";
import { Problem } from "../../api/problem";
import { simulationSeriesQuery, simulationsQuery } from "../../api/queries";
import { useClients } from "../../app/frame";
import { useJob } from "../../app/jobs";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { problemText } from "../../components/states";
import { ClientName } from "../../components/status";
import { type ServiceData, SLOT_MS } from "../../components/roster-grid/strip";
import { count, percent } from "../../format/number";
import { dateTime, duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import type { Board } from "./board";

/** The last simulation of a roster, if there is one. */
export function useService(rosterId: string) {
  const session = useSession();
  const may = can(session, "simulations", "view");
  const list = useQuery({ ...simulationsQuery(rosterId), enabled: may });
  const last = list.data?.[0];
  const series = useQuery({ ...simulationSeriesQuery(last?.id ?? ""), enabled: last !== undefined });
  return series.data;
}

/** Expected service of the chosen queues together, weighed by expected contacts. */
export function serviceOf(
  series: SimulationSeries | undefined,
  chosen: (queueId: string) => boolean,
  edition: number,
): ServiceData | undefined {
  const queues = (series?.queues ?? []).filter((queue) => chosen(queue.queue_id));
  if (!series || queues.length === 0) return undefined;
  const slots = queues[0]!.offered?.length ?? 0;
  const data: ServiceData = {
    origin: Date.parse(series.start_at),
    level: new Float32Array(slots).fill(NaN),
    low: new Float32Array(slots).fill(NaN),
    high: new Float32Array(slots).fill(NaN),
    goal: 0,
    stale: series.edition !== edition,
  };
  let weight = 0;
  for (const queue of queues) {
    const all = (queue.offered ?? []).reduce((sum, n) => sum + n, 0);
    data.goal += (all * queue.goal) / 1000;
    weight += all;
  }
  data.goal = weight > 0 ? data.goal / weight : 0;
  for (let k = 0; k < slots; k++) {
    let offered = 0;
    let level = 0;
    let low = 0;
    let high = 0;
    for (const queue of queues) {
      const n = queue.offered?.[k] ?? 0;
      if (n <= 0 || (queue.level?.[k] ?? -1) < 0) continue;
      offered += n;
      level += n * queue.level![k]!;
      low += n * queue.low![k]!;
      high += n * queue.high![k]!;
    }
    if (offered === 0) continue;
    data.level[k] = level / offered / 1000;
    data.low[k] = low / offered / 1000;
    data.high[k] = high / offered / 1000;
  }
  return data;
}

const REPLICATIONS = 20;

/** A band of shares in per cent. */
const band = (low: number, high: number) => `${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)}%`;

/** Expected service by queue, by interval of a day, and the button that simulates. */
export function Service(props: { board: Board; series: SimulationSeries | undefined; day: string }) {
  const t = useText();
  const { board, series } = props;
  const { message } = App.useApp();
  const session = useSession();
  const queries = useQueryClient();
  const clients = useClients();
  const [jobId, setJobId] = useState<string>();
  const [whole, setWhole] = useState(true);
  const job = useJob(jobId).data;
  const [queueId, setQueueId] = useState<string>();
  const running = jobId !== undefined && (!job || job.status === "waiting" || job.status === "running");
  useEffect(() => {
    if (job?.status === "done") void queries.invalidateQueries({ queryKey: ["simulations"] });
  }, [job?.status, queries]);
  const run = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/simulations", {
          body: {
            roster_id: board.view.id,
            replications: REPLICATIONS,
            ...(whole ? {} : { from: props.day, days: 1 }),
          },
        }),
      ),
    onSuccess: (made) => setJobId(made.id),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const names = new Map(board.curves.map((curve) => [curve.id, curve]));
  const stale = series && series.edition !== board.edition;
  return (
    <div className="service">
      <div className="service-head">
        {series ? (
          <p className={stale ? "judgement-bad" : "soft"}>
            {stale && <>▲ {t("screen.service.stale")} · </>}
            {t("screen.service.when", {
              time: dateTime(series.created_at, board.view.zone),
              count: series.replications,
              absent: percent(series.summary.absent),
            })}
            {" · "}
            {t("screen.service.days", { from: series.summary.from, count: series.summary.days })}
            {series.summary.absent_basis && (
              <>
                {" "}
                · {t.of(`screen.absent_basis.${series.summary.absent_basis}`, series.summary.absent_basis)}
              </>
            )}
          </p>
        ) : (
          <p className="soft">{t("screen.service.none")}</p>
        )}
        {can(session, "simulations", "run") && (
          <Segmented
            size="small"
            aria-label={t("screen.service.what")}
            value={whole ? "whole" : "day"}
            onChange={(value) => setWhole(value === "whole")}
            options={[
              { value: "whole", label: t("screen.service.whole") },
              { value: "day", label: props.day },
            ]}
          />
        )}
        {can(session, "simulations", "run") && (
          <Button size="small" loading={run.isPending || running} onClick={() => run.mutate()}>
            {t(series ? "screen.service.again" : "screen.service.run")}
          </Button>
        )}
      </div>
      {running && (
        <p role="status">
          <progress aria-label={t("screen.job.simulation")} value={job?.progress} /> {job?.note}
        </p>
      )}
      {job?.status === "failed" && <p className="judgement-bad">{job.error?.detail}</p>}
      {series && (
        <>
          <table className="side-table">
            <thead>
              <tr>
                <th>{t("screen.forecast.queue")}</th>
                <th className="num">{t("screen.service.level")}</th>
                <th className="num">{t("screen.service.band")}</th>
                <th className="num">{t("screen.service.met")}</th>
              </tr>
            </thead>
            <tbody>
              {(series.summary.queues ?? []).map((queue) => (
                <tr key={queue.queue_id}>
                  <td>
                    <button
                      type="button"
                      className="plain"
                      aria-expanded={queueId === queue.queue_id}
                      onClick={() => setQueueId(queueId === queue.queue_id ? undefined : queue.queue_id)}
                    >
                      <ClientName
                        name={`${clients.name(queue.client_id)} · ${names.get(queue.queue_id)?.name ?? ""}`}
                        color={clients.color(queue.client_id)}
                      />
                    </button>
                  </td>
                  <td
                    className={
                      queue.service_level.mean < queue.goal ? "num judgement-bad" : "num judgement-good"
                    }
                  >
                    {percent(queue.service_level.mean)}
                    <span className="soft"> / {percent(queue.goal)}</span>
                  </td>
                  <td className="num">{band(queue.service_level.low, queue.service_level.high)}</td>
                  <td className="num">{percent(queue.intervals_met)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {queueId && <Intervals board={board} series={series} queueId={queueId} day={props.day} />}
        </>
      )}
    </div>
  );
}

/** One queue's intervals on a day. */
function Intervals(props: { board: Board; series: SimulationSeries; queueId: string; day: string }) {
  const t = useText();
  const { board, series, queueId, day } = props;
  const { zone } = board.view;
  const queue = (series.queues ?? []).find((q) => q.queue_id === queueId);
  const rows = useMemo(() => {
    const origin = Date.parse(series.start_at);
    const offset = Math.round(
      (Date.parse(`${day}T00:00:00Z`) - Date.parse(`${series.summary.from}T00:00:00Z`)) / 86_400_000,
    );
    const from = offset * 96;
    const list = [];
    for (let k = Math.max(0, from); k < Math.min(queue?.offered?.length ?? 0, from + 96); k++)
      if ((queue!.level?.[k] ?? -1) >= 0) list.push({ k, at: origin + k * SLOT_MS });
    return list;
  }, [series, queue, day]);
  if (!queue) return null;
  if (rows.length === 0) return <p className="side-empty">{t("screen.service.no_contacts")}</p>;
  return (
    <table className="side-table">
      <caption>{day}</caption>
      <thead>
        <tr>
          <th>{t("screen.service.interval")}</th>
          <th className="num">{t("screen.service.contacts")}</th>
          <th className="num">{t("screen.service.level")}</th>
          <th className="num">{t("screen.service.band")}</th>
          <th className="num">{t("screen.service.wait")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ k, at }) => (
          <tr key={k}>
            <td>{timeOfDay(at, zone)}</td>
            <td className="num">{count(queue.offered![k], 1)}</td>
            <td className={queue.level![k]! < queue.goal ? "num judgement-bad" : "num"}>
              {percent(queue.level![k]! / 1000)}
            </td>
            <td className="num">{band(queue.low![k]! / 1000, queue.high![k]! / 1000)}</td>
            <td className="num">{duration(queue.asa![k]!)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
