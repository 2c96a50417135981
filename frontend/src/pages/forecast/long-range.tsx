import { DownloadOutlined } from "@ant-design/icons";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input, InputNumber, Modal, Segmented, Select } from "antd";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { LongForecast, LongTable } from "../../api/models";
import { longForecastsQuery, longTableQuery, queuesQuery } from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { JobLine, madeBy, useJob, useRunning } from "../../app/jobs";
import { EditGrid } from "../../components/edit-grid/edit-grid";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, ProblemView } from "../../components/states";
import { dateLabel, dateTime } from "../../format/time";
import { useText } from "../../text/text";
import { LONG_RANGE, longCurve, longGrid, longId, longLook, rowOf } from "./long-series";
import "./forecast.css";

const SeriesChart = lazy(() => import("./series-chart"));
const KIND = "forecast.long_range";

/** A client's contacts by week and day, a year and more ahead, as versions that stay. */
export function LongRange({ tabs }: { tabs: ReactNode }) {
  const t = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { clientId } = useFrame();
  const versions = useQuery(longForecastsQuery(clientId));
  const [asking, setAsking] = useState(false);
  const [started, setStarted] = useState<string>();
  const running = useRunning(KIND);
  const followed = useFollowed(started ?? running?.id);
  const made = madeBy(followed);
  useEffect(() => {
    if (!made) return;
    void queries.invalidateQueries({ queryKey: ["long-range"] });
    void navigate({
      to: ".",
      search: (old) => ({ ...old, version: `${LONG_RANGE}.${made}` }),
      replace: true,
    });
  }, [made, queries, navigate]);
  const ask = (
    <Button type="primary" onClick={() => setAsking(true)}>
      {t("screen.long.new")}
    </Button>
  );
  const work = followed && followed.status !== "done" && followed.status !== "cancelled" && (
    <Block>
      <JobLine job={followed} />
    </Block>
  );
  return (
    <>
      <Loaded query={versions}>
        {(list) =>
          list.length === 0 ? (
            <>
              <PageHeader title={t("screen.long.title")} facts={tabs} />
              {work}
              <EmptyView
                title={t("screen.long.none")}
                advice={t("screen.long.none_advice")}
                action={!work && ask}
              />
            </>
          ) : (
            <LongVersions versions={list} tabs={tabs} work={work} action={ask} />
          )
        }
      </Loaded>
      {asking && (
        <AskDialog
          clientId={clientId}
          onClose={() => setAsking(false)}
          onStarted={(id) => {
            setStarted(id);
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

/** Follows the job on the page, and keeps to it when it is done and no longer among the running ones. */
function useFollowed(id: string | undefined) {
  const [kept, setKept] = useState(id);
  if (id && id !== kept) setKept(id);
  return useJob(id ?? kept).data;
}

function LongVersions(props: {
  versions: LongForecast[];
  tabs: ReactNode;
  work: ReactNode;
  action: ReactNode;
}) {
  const t = useText();
  const clients = useClients();
  const navigate = useNavigate();
  const { version } = useSearch({ from: "__root__" });
  const chosen = props.versions.find((v) => v.id === longId(version)) ?? props.versions[0]!;
  const [by, setBy] = useState<"week" | "day">("week");
  usePageFrame("none", undefined, chosen.zone);
  const table = useQuery({ ...longTableQuery(chosen.id, by), placeholderData: keepPreviousData });
  const single = new Set(props.versions.map((v) => v.client_id)).size === 1;
  const name = (v: LongForecast) =>
    [!single && clients.name(v.client_id), t("screen.forecast.version", { version: v.version }), v.name]
      .filter(Boolean)
      .join(" · ");
  const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
  return (
    <>
      <PageHeader
        title={t("screen.long.title")}
        facts={
          <>
            {props.tabs}
            <Select
              aria-label={t("screen.long.version_label")}
              value={chosen.id}
              popupMatchSelectWidth={false}
              onChange={(id) =>
                void navigate({
                  to: ".",
                  search: (old) => ({ ...old, version: `${LONG_RANGE}.${id}` }),
                  replace: true,
                })
              }
              options={props.versions.map((v) => ({ value: v.id, label: name(v) }))}
            />
            <Fact name={t("screen.forecast.horizon")}>
              {dateLabel(noon(chosen.from_day), "UTC")} – {dateLabel(noon(chosen.to_day) - 86_400_000, "UTC")}
            </Fact>
            <Fact name={t("screen.long.made")}>{dateTime(chosen.created_at, chosen.zone)}</Fact>
          </>
        }
        actions={props.action}
      />
      {props.work}
      <Loaded query={table} skeleton={<div className="skeleton" style={{ height: 430 }} />}>
        {(data) => <LongView key={chosen.id} table={data} clientId={chosen.client_id} by={by} onBy={setBy} />}
      </Loaded>
    </>
  );
}

/** The curve of the total or a queue, and all of them as a table. */
function LongView(props: {
  table: LongTable;
  clientId: string;
  by: "week" | "day";
  onBy: (by: "week" | "day") => void;
}) {
  const t = useText();
  const clients = useClients();
  const { table, by } = props;
  const queues = useQuery(queuesQuery(props.clientId));
  const [queueId, setQueueId] = useState<string>("");
  const nameOf = (id: string | undefined) =>
    id ? (queues.data?.find((q) => q.id === id)?.name ?? "") : t("screen.long.total");
  const curve = useMemo(() => longCurve(table, rowOf(table, queueId || undefined)), [table, queueId]);
  const grid = useMemo(
    () => longGrid(t, table, nameOf),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `t` and `nameOf` are new on every render; they change with these
    [table, queues.data],
  );
  const title = `${clients.name(props.clientId)} · ${nameOf(queueId || undefined)}`;
  const byName = t(by === "week" ? "screen.long.by_week" : "screen.long.by_day");
  const file = (path: string, label: string) => (
    <Button
      type="text"
      icon={<DownloadOutlined />}
      href={`/api/v1/long-range-forecasts/${table.forecast.id}/${path}`}
      download
    >
      {label}
    </Button>
  );
  return (
    <>
      <Block
        title={title}
        extra={
          <>
            <Select
              aria-label={t("screen.long.row")}
              value={queueId}
              popupMatchSelectWidth={false}
              onChange={setQueueId}
              options={(table.rows ?? []).map((row) => ({
                value: row.queue_id ?? "",
                label: nameOf(row.queue_id),
              }))}
            />
            <Segmented
              aria-label={t("screen.long.by")}
              value={by}
              onChange={props.onBy}
              options={[
                { value: "week", label: t("screen.long.by_week") },
                { value: "day", label: t("screen.long.by_day") },
              ]}
            />
          </>
        }
      >
        <Suspense fallback={<div className="skeleton" style={{ height: 392 }} />}>
          <SeriesChart
            series={curve}
            name={title}
            label={t("screen.long.label", { name: title })}
            look={longLook}
            otherName=""
            exports={
              <>
                {file(`export?by=${by}`, t("screen.long.export_csv"))}
                {file("workbook", t("screen.long.export_excel"))}
              </>
            }
          />
        </Suspense>
        <p className="soft">{t("screen.long.why")}</p>
      </Block>
      <Block flush title={t("screen.long.table", { by: byName })}>
        <EditGrid
          label={t("screen.long.table", { by: byName })}
          corner={byName}
          columns={grid.columns}
          rows={grid.rows}
          height={430}
        />
      </Block>
    </>
  );
}

function AskDialog(props: {
  clientId: string | undefined;
  onClose: () => void;
  onStarted: (job: string) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const { clients } = useFrame();
  const [chosen, setChosen] = useState(props.clientId ?? clients[0]?.id);
  const [weeks, setWeeks] = useState<number | null>(64);
  const [name, setName] = useState("");
  const start = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/long-range-forecasts", {
          body: { client_id: chosen ?? "", weeks: weeks ?? 64, ...(name.trim() && { name: name.trim() }) },
        }),
      ),
    onSuccess: (job) => {
      void queries.invalidateQueries({ queryKey: ["jobs"] });
      props.onStarted(job.id);
    },
  });
  return (
    <Modal
      open
      title={t("screen.long.new")}
      okText={t("screen.forecast.new_do")}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !chosen, loading: start.isPending }}
      onCancel={props.onClose}
      onOk={() => start.mutate()}
    >
      <p>{t("screen.long.new_help")}</p>
      <div className="range-fields">
        <label className="field">
          <span>{t("screen.shell.client")}</span>
          <Select
            value={chosen}
            onChange={setChosen}
            options={clients.map((c) => ({ value: c.id, label: c.name }))}
          />
        </label>
        <label className="field">
          <span>{t("screen.forecast.weeks_ahead")}</span>
          <InputNumber
            min={1}
            max={104}
            precision={0}
            value={weeks}
            onChange={setWeeks}
            style={{ width: "100%" }}
          />
        </label>
      </div>
      <label className="field">
        <span>{t("screen.forecast.name")}</span>
        <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </label>
      {start.isError && <ProblemView problem={start.error} />}
    </Modal>
  );
}
