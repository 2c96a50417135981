import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { accuracyQuery, queuesQuery, scorecardQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { measureName, measureValue } from "../../components/measure-table";
import { Block } from "../../components/page-header";
import { ClientName, StatusTag } from "../../components/status";
import { percent } from "../../format/number";
import { dateLabel, dayOf } from "../../format/time";
import { useText } from "../../text/text";
import type { Accuracy, Measure, Status } from "../../api/models";
import { byQueue, finished } from "../accuracy/scores";
import { AuditTable } from "../audit/audit-table";

/** A client's measures in short. */
export function MeasuresBlock({ clientId }: { clientId: string }) {
  const t = useText();
  const session = useSession();
  const card = useQuery({ ...scorecardQuery(clientId), enabled: can(session, "scorecards", "view") }).data;
  if (!card) return null;
  return (
    <Block
      flush
      title={t("screen.page.scorecard")}
      extra={<Link to="/scorecard">{t("screen.home.all")}</Link>}
    >
      <DataTable<Measure>
        rowKey="id"
        dataSource={card.measures ?? []}
        columns={[
          { title: t("screen.measure.name"), render: (_, m) => measureName(t, m) },
          {
            title: t("screen.measure.actual"),
            align: "right",
            render: (_, m) => <strong>{measureValue(m.actual, m.unit)}</strong>,
          },
          {
            title: t("screen.measure.target"),
            align: "right",
            render: (_, m) => measureValue(m.target, m.unit),
          },
          { title: t("screen.measure.status"), render: (_, m) => <StatusTag status={m.status as Status} /> },
        ]}
      />
    </Block>
  );
}

/** How published forecasts met the actuals, the latest week of each queue. */
export function AccuracyBlock() {
  const t = useText();
  const session = useSession();
  const clients = useClients();
  const { clientId } = useFrame();
  const mine = can(session, "forecasts", "edit");
  const rows = useQuery({ ...accuracyQuery(clientId), enabled: mine }).data;
  // A running week is judged by its first days only.
  const scored = finished(rows ?? [], dayOf(Date.now(), "UTC"));
  const week = scored
    .map((row) => row.week)
    .sort()
    .at(-1);
  const latest = byQueue(scored.filter((row) => row.week === week)).map((score) => score.latest);
  const clientIds = [...new Set(latest.map((row) => row.client_id))];
  const queues = useQueries({ queries: clientIds.map((id) => queuesQuery(id)) }).flatMap((q) => q.data ?? []);
  if (latest.length === 0) return null;
  return (
    <Block
      flush
      title={t("screen.home.accuracy", { week: dateLabel(`${latest[0]!.week}T00:00:00Z`, "UTC") })}
      extra={<Link to="/accuracy">{t("screen.home.all")}</Link>}
    >
      <DataTable<Accuracy>
        rowKey={(row) => `${row.queue_id} ${row.version} ${row.weeks_ahead}`}
        dataSource={latest}
        columns={[
          {
            title: t("screen.shell.client"),
            render: (_, row) => (
              <ClientName name={clients.name(row.client_id)} color={clients.color(row.client_id)} />
            ),
          },
          {
            title: t("screen.forecast.queue"),
            render: (_, row) => queues.find((queue) => queue.id === row.queue_id)?.name,
          },
          {
            title: t("screen.forecast.wape_day"),
            align: "right",
            render: (_, row) => <strong>{percent(row.day_wape)}</strong>,
          },
          {
            title: t("screen.forecast.wape_interval"),
            align: "right",
            render: (_, row) => percent(row.wape),
          },
          { title: t("screen.forecast.floor"), align: "right", render: (_, row) => percent(row.floor) },
          { title: t("screen.forecast.bias"), align: "right", render: (_, row) => percent(row.bias) },
        ]}
      />
    </Block>
  );
}

/** The last changes, for those who look after the rest. */
export function AuditBlock() {
  const t = useText();
  const session = useSession();
  if (!can(session, "audit", "view")) return null;
  return (
    <Block flush title={t("screen.page.audit")} extra={<Link to="/audit">{t("screen.home.all")}</Link>}>
      <AuditTable limit={6} />
    </Block>
  );
}
