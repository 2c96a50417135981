import { lazy, Suspense, useState } from "react";
import { Segmented } from "antd";
import { useClients } from "../../app/frame";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { ClientName } from "../../components/status";
import { count, NONE, percent } from "../../format/number";
import { deviceZone, duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import {
  type Band,
  type Difference,
  FIGURES,
  type Played,
  type PlayedPart,
  rowsOf,
  type Trial,
  type Unit,
  verdict,
} from "./model";
import "./simulator.css";

const Chart = lazy(() => import("../../components/chart/chart").then((m) => ({ default: m.Chart })));

/** A figure in its unit. */
function shown(value: number, unit: Unit, currency = ""): string {
  if (unit === "share") return percent(value);
  if (unit === "seconds") return duration(value);
  return `${count(value)} ${currency}`.trim();
}

/** A mean with its 95 % band. */
function Banded({ band, unit, currency }: { band: Band; unit: Unit; currency?: string }) {
  if (band.n === 0) return <>{NONE}</>;
  return (
    <>
      <strong>{shown(band.mean, unit, currency)}</strong>{" "}
      <span className="soft trial-band">
        {shown(Math.max(0, band.low), unit)}–
        {shown(unit === "share" ? Math.min(1, band.high) : band.high, unit)}
      </span>
    </>
  );
}

/** A client by name and colour where the side is a roster's; a scenario's own name otherwise. */
function Scope({ name }: { name: string }) {
  const t = useText();
  const clients = useClients();
  if (name === "total") return <strong>{t("screen.trial.total")}</strong>;
  const known = clients.name(name);
  return known ? <ClientName name={known} color={clients.color(name)} /> : <>{name}</>;
}

/** B against A, figure by figure: better, worse, or not to be told from chance. */
export function Comparison({ differences, currency }: { differences: Difference[]; currency?: string }) {
  const t = useText();
  const scopes = [...new Set(differences.map((d) => d.scope))];
  const rows = scopes.flatMap((scope) => rowsOf(differences, scope));
  const unitOf = (figure: string) => FIGURES.find(([name]) => name === figure)?.[1] ?? "money";
  const words = {
    1: ["good", "●", t("screen.trial.better")],
    [-1]: ["bad", "■", t("screen.trial.worse")],
  } as const;
  return (
    <DataTable<Difference>
      rowKey={(d) => `${d.scope} ${d.figure}`}
      dataSource={rows}
      columns={[
        { title: t("screen.shell.client"), render: (_, d) => <Scope name={d.scope} /> },
        {
          title: t("screen.trial.figure"),
          render: (_, d) => t.of(`screen.trial.figure_${d.figure}`, d.figure),
        },
        {
          title: t("screen.trial.a"),
          align: "right",
          render: (_, d) => shown(d.a, unitOf(d.figure), currency),
        },
        {
          title: t("screen.trial.b"),
          align: "right",
          render: (_, d) => shown(d.b, unitOf(d.figure), currency),
        },
        {
          title: t("screen.trial.judgement"),
          render: (_, d) => {
            const judged = verdict(d);
            if (judged === 0) return <span className="soft">{t("screen.trial.chance")}</span>;
            const [status, shape, word] = words[judged];
            return (
              <span className={`status status-${status}`}>
                <span aria-hidden>{shape}</span> {word}
              </span>
            );
          },
        },
        {
          title: t("screen.trial.p"),
          align: "right",
          render: (_, d) => (d.p < 0.001 ? "< 0.001" : d.p.toFixed(3)),
        },
      ]}
    />
  );
}

/** What came out of a trial. */
export function Outcome({ trial, queueName }: { trial: Trial; queueName: (id: string) => string }) {
  const t = useText();
  const [side, setSide] = useState<"a" | "b">("a");
  const { answer } = trial;
  const played = side === "b" && answer.b ? answer.b : answer.a;
  return (
    <>
      {answer.b && (
        <Block flush title={t("screen.trial.comparison", { count: trial.replications })}>
          <Comparison differences={answer.differences ?? []} currency={answer.currency} />
        </Block>
      )}
      {answer.b && (
        <Segmented
          className="trial-side"
          value={side}
          onChange={(v) => setSide(v as "a" | "b")}
          options={[
            { value: "a", label: t("screen.trial.a") },
            { value: "b", label: t("screen.trial.b") },
          ]}
        />
      )}
      <Course played={played} />
      <Block flush title={t("screen.trial.by_client")}>
        <Figures
          parts={played.clients ?? []}
          currency={answer.currency}
          scope={(name) => <Scope name={name} />}
        />
      </Block>
      <Block flush title={t("screen.trial.by_queue")}>
        <Figures
          parts={(played.queues ?? []).filter((q) => q.run.offered.mean > 0)}
          currency={answer.currency}
          scope={(name) => queueName(name)}
        />
      </Block>
    </>
  );
}

function Figures(props: {
  parts: PlayedPart[];
  currency?: string;
  scope: (name: string) => React.ReactNode;
}) {
  const t = useText();
  const known = FIGURES.filter(([figure]) =>
    props.parts.some((p) => p.run[figure].n > 0 && p.run[figure].mean > 0),
  );
  return (
    <DataTable<PlayedPart>
      rowKey="name"
      dataSource={props.parts}
      columns={[
        { title: t("screen.trial.name"), render: (_, p) => props.scope(p.name) },
        { title: t("screen.trial.contacts"), align: "right", render: (_, p) => count(p.run.offered.mean) },
        ...known.map(([figure, unit]) => ({
          title: t(`screen.trial.figure_${figure}`),
          align: "right" as const,
          render: (_: unknown, p: PlayedPart) => (
            <Banded band={p.run[figure]} unit={unit} currency={props.currency} />
          ),
        })),
      ]}
    />
  );
}

/** Service level through the day by client. */
function Course({ played }: { played: Played }) {
  const t = useText();
  const clients = useClients();
  const start = Date.parse(played.start);
  const parts = (played.clients ?? []).filter((c) => c.course && c.run.offered.mean > 0);
  const slots = parts[0]?.course?.level?.length ?? 0;
  if (slots === 0) return null;
  const at = (k: number) =>
    timeOfDay(new Date(start + k * played.interval_s * 1000).toISOString(), deviceZone());
  const times = Array.from({ length: slots }, (_, k) => at(k));
  const level = (part: PlayedPart, k: number) => {
    const v = part.course?.level?.[k] ?? -1;
    return v < 0 ? null : v / 10;
  };
  const name = (part: PlayedPart) => clients.name(part.name) || part.name;
  return (
    <Block title={t("screen.trial.course")}>
      <Suspense fallback={<div style={{ height: 240 }} />}>
        <Chart
          height={240}
          name="trial"
          label={t("screen.trial.course")}
          rows={() => [
            ["", ...parts.map(name)],
            ...times.map((time, k) => [time, ...parts.map((part) => level(part, k))]),
          ]}
          option={{
            grid: { left: 48, right: 16, top: 28, bottom: 28 },
            tooltip: { trigger: "axis" },
            legend: { top: 0, itemHeight: 8 },
            xAxis: { type: "category", data: times },
            yAxis: { type: "value", min: 0, max: 100, axisLabel: { formatter: "{value}%" } },
            series: parts.map((part) => ({
              type: "line",
              name: name(part),
              showSymbol: false,
              color: clients.name(part.name) ? clients.color(part.name) : undefined,
              data: times.map((_, k) => level(part, k)),
            })),
          }}
        />
      </Suspense>
    </Block>
  );
}
