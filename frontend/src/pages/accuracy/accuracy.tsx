import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Select } from "antd";
import { useMemo, useState } from "react";
import type { Accuracy, Drift } from "../../api/models";
import { accuracyQuery, driftQuery, queuesQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { DataTable } from "../../components/data-table";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { Sparkline } from "../../components/sparkline";
import { EmptyView, Loaded } from "../../components/states";
import { ClientName, StatusTag } from "../../components/status";
import { Why } from "../../components/why";
import { count, NONE, percent } from "../../format/number";
import { dateLabel, dayOf } from "../../format/time";
import { type Text, useText } from "../../text/text";
import { byLead, byQueue, finished, type QueueScore, type Score, scoreOf } from "./scores";

/** How good the published forecasts were, and where they got worse than promised. */
export default function AccuracyPage() {
  const { clientId } = useFrame();
  const rows = useQuery(accuracyQuery(clientId));
  return <Loaded query={rows}>{(list) => <AccuracyView rows={list} />}</Loaded>;
}

const week = (monday: string) => dateLabel(`${monday}T00:00:00Z`, "UTC");
const right = { align: "right" as const };

function AccuracyView({ rows }: { rows: Accuracy[] }) {
  const t = useText();
  const { clientId } = useFrame();
  const clients = useClients();
  const drift = useQuery(driftQuery);
  const today = dayOf(Date.now(), "UTC");
  const scored = useMemo(() => finished(rows, today), [rows, today]);
  const [chosen, setChosen] = useState<string>();
  const clientIds = [...new Set(scored.map((row) => row.client_id))];
  const queues = useQueries({ queries: clientIds.map((id) => queuesQuery(id)) }).flatMap((q) => q.data ?? []);
  const queueName = (id: string) => queues.find((queue) => queue.id === id)?.name ?? NONE;
  const queueId = scored.some((row) => row.queue_id === chosen) ? chosen : undefined;
  const shown = queueId ? scored.filter((row) => row.queue_id === queueId) : scored;
  const all = scoreOf("all", shown);
  // A running week is judged by its first days only; the warning waits for its end.
  const warnings = (drift.data ?? []).filter(
    (d) =>
      (!clientId || d.client_id === clientId) &&
      (!queueId || d.queue_id === queueId) &&
      scored.some((row) => row.forecast_id === d.forecast_id && row.week === d.week),
  );
  return (
    <>
      <PageHeader
        title={t("screen.page.accuracy")}
        facts={
          <>
            <Select
              aria-label={t("screen.forecast.queue")}
              value={queueId ?? ""}
              popupMatchSelectWidth={false}
              onChange={(id) => setChosen(id || undefined)}
              options={[
                { value: "", label: t("screen.forecast.all_queues") },
                ...byQueue(scored).map((q) => ({
                  value: q.queueId,
                  label: `${clients.name(q.clientId)} · ${queueName(q.queueId)}`,
                })),
              ]}
            />
            <Fact name={t("screen.forecast.wape_day")}>{percent(all.day_wape)}</Fact>
            <Fact name={t("screen.forecast.wape_interval")}>{percent(all.wape)}</Fact>
            <Fact name={t("screen.forecast.floor")}>{percent(all.floor)}</Fact>
            <Fact name={t("screen.forecast.bias")}>{percent(all.bias)}</Fact>
          </>
        }
      />
      {shown.length === 0 ? (
        <EmptyView title={t("screen.accuracy.none")} advice={t("screen.accuracy.none_advice")} />
      ) : (
        <>
          <DriftBlock warnings={warnings} queueName={queueName} rows={scored} />
          <QueueBlock scores={byQueue(shown)} queueName={queueName} />
          <LeadBlock scores={byLead(shown)} />
          <WeekBlock rows={shown} queueName={queueName} />
        </>
      )}
    </>
  );
}

function DriftBlock(props: { warnings: Drift[]; queueName: (id: string) => string; rows: Accuracy[] }) {
  const t = useText();
  const clients = useClients();
  const { warnings, queueName } = props;
  return (
    <Block flush={warnings.length > 0} title={t("screen.accuracy.drift")}>
      {warnings.length === 0 ? (
        <p className="soft">{t("screen.accuracy.no_drift")}</p>
      ) : (
        <DataTable<Drift>
          rowKey={(d) => `${d.forecast_id} ${d.queue_id} ${d.week}`}
          dataSource={warnings}
          columns={[
            { title: "", width: 90, render: () => <StatusTag status="watch" /> },
            {
              title: t("screen.shell.client"),
              render: (_, d) => (
                <ClientName name={clients.name(d.client_id)} color={clients.color(d.client_id)} />
              ),
            },
            { title: t("screen.forecast.queue"), render: (_, d) => queueName(d.queue_id) },
            { title: t("screen.accuracy.week"), render: (_, d) => week(d.week) },
            {
              title: t("screen.forecast.wape_interval"),
              ...right,
              render: (_, d) => <strong>{percent(d.wape)}</strong>,
            },
            { title: t("screen.accuracy.promised"), ...right, render: (_, d) => percent(d.promised) },
            { title: t("screen.forecast.bias"), ...right, render: (_, d) => percent(d.bias) },
            {
              title: "",
              render: (_, d) => (
                <Link to="/forecast" search={(old) => ({ ...old, version: d.forecast_id })}>
                  {t("screen.accuracy.open")}
                </Link>
              ),
            },
          ]}
        />
      )}
    </Block>
  );
}

/** The measures that every table here shows. */
function measures<T extends Pick<Score, "day_wape" | "wape" | "floor" | "bias" | "forecast" | "actual">>(
  t: Text,
) {
  return [
    {
      title: t("screen.forecast.wape_day"),
      ...right,
      render: (_: unknown, row: T) => (
        <Why
          title={t("screen.forecast.wape_day")}
          definition={t("screen.accuracy.wape_definition")}
          reasons={[
            { name: t("screen.series.forecast"), value: count(row.forecast) },
            { name: t("screen.series.actual"), value: count(row.actual) },
            { name: t("screen.forecast.wape_interval"), value: percent(row.wape) },
            { name: t("screen.forecast.floor"), value: percent(row.floor) },
            { name: t("screen.forecast.bias"), value: percent(row.bias) },
          ]}
        >
          <strong>{percent(row.day_wape)}</strong>
        </Why>
      ),
    },
    {
      title: t("screen.forecast.wape_interval"),
      ...right,
      render: (_: unknown, row: T) => percent(row.wape),
    },
    { title: t("screen.forecast.floor"), ...right, render: (_: unknown, row: T) => percent(row.floor) },
    { title: t("screen.forecast.bias"), ...right, render: (_: unknown, row: T) => percent(row.bias) },
    { title: t("screen.series.forecast"), ...right, render: (_: unknown, row: T) => count(row.forecast) },
    { title: t("screen.series.actual"), ...right, render: (_: unknown, row: T) => count(row.actual) },
  ];
}

function QueueBlock({ scores, queueName }: { scores: QueueScore[]; queueName: (id: string) => string }) {
  const t = useText();
  const clients = useClients();
  type Row = QueueScore & Accuracy;
  return (
    <Block flush title={t("screen.accuracy.latest")}>
      <DataTable<Row>
        rowKey="queueId"
        dataSource={scores.map((score) => ({ ...score.latest, ...score }))}
        columns={[
          {
            title: t("screen.shell.client"),
            render: (_, row) => (
              <ClientName name={clients.name(row.clientId)} color={clients.color(row.clientId)} />
            ),
          },
          { title: t("screen.forecast.queue"), render: (_, row) => queueName(row.queueId) },
          { title: t("screen.accuracy.week"), render: (_, row) => week(row.week) },
          ...measures<Row>(t),
          {
            title: t("screen.accuracy.trend"),
            render: (_, row) =>
              row.history.length > 1 ? (
                <Sparkline
                  values={row.history.map((h) => h.day_wape)}
                  label={row.history.map((h) => `${h.week}: ${percent(h.day_wape)}`).join(", ")}
                />
              ) : (
                NONE
              ),
          },
        ]}
      />
    </Block>
  );
}

function LeadBlock({ scores }: { scores: Score[] }) {
  const t = useText();
  return (
    <Block flush title={t("screen.accuracy.by_lead")}>
      <DataTable<Score>
        rowKey="key"
        dataSource={scores}
        columns={[
          { title: t("screen.accuracy.weeks_ahead"), render: (_, score) => leadName(t, Number(score.key)) },
          ...measures<Score>(t),
        ]}
      />
    </Block>
  );
}

function leadName(t: Text, weeks: number): string {
  return weeks === 0 ? t("screen.accuracy.same_week") : t("screen.accuracy.weeks", { count: weeks });
}

function WeekBlock({ rows, queueName }: { rows: Accuracy[]; queueName: (id: string) => string }) {
  const t = useText();
  const clients = useClients();
  return (
    <Block flush title={t("screen.accuracy.by_week")}>
      <DataTable<Accuracy>
        rowKey={(row) => `${row.forecast_id} ${row.queue_id} ${row.week}`}
        dataSource={rows}
        pagination={{ pageSize: 25, showSizeChanger: false, hideOnSinglePage: true }}
        columns={[
          { title: t("screen.accuracy.week"), render: (_, row) => week(row.week) },
          {
            title: t("screen.shell.client"),
            render: (_, row) => (
              <ClientName name={clients.name(row.client_id)} color={clients.color(row.client_id)} />
            ),
          },
          { title: t("screen.forecast.queue"), render: (_, row) => queueName(row.queue_id) },
          {
            title: t("screen.accuracy.version"),
            render: (_, row) => (
              <Link to="/forecast" search={(old) => ({ ...old, version: row.forecast_id })}>
                {t("screen.forecast.version", { version: row.version })}
              </Link>
            ),
          },
          { title: t("screen.accuracy.weeks_ahead"), render: (_, row) => leadName(t, row.weeks_ahead) },
          ...measures<Accuracy>(t),
        ]}
      />
    </Block>
  );
}
