import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import type { CommitmentRow, Forecast, ForecastCommitment, Queue, Status } from "../../api/models";
import { commitmentReportQuery, commitmentsQuery, forecastsQuery, queuesQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can, ownClient } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, PageSkeleton } from "../../components/states";
import { StateTag, StatusTag } from "../../components/status";
import { Why } from "../../components/why";
import { count, NONE, percent } from "../../format/number";
import { addDays, dateLabel, dateTime, dayLabel, monthLabel, timeOfDay } from "../../format/time";
import { type Text, useText } from "../../text/text";
import { stageText, toleranceText } from "../forecast/commit-dialog";
import { horizonOf } from "../forecast/versions";
import { Agreement } from "./agreement";
import { Comparison } from "./comparison";
import { UploadDialog } from "./upload";
import "./commitments.css";

/** What provider and client expect and agreed on, as both see it. */
export default function CommitmentsPage() {
  const { clientId, clients } = useFrame();
  const id = clientId ?? clients[0]?.id;
  return id ? <CommitmentsView key={id} clientId={id} /> : <PageSkeleton />;
}

function CommitmentsView({ clientId }: { clientId: string }) {
  const t = useText();
  const session = useSession();
  const clients = useClients();
  const forecasts = useQuery(forecastsQuery(clientId));
  const report = useQuery(commitmentReportQuery(clientId));
  const queues = useQuery(queuesQuery(clientId)).data ?? [];
  const [uploading, setUploading] = useState(false);
  const upload = can(session, "forecasts", "upload") && (
    <Button type="primary" onClick={() => setUploading(true)}>
      {t(ownClient(session) ? "screen.commitments.upload_own" : "screen.commitments.upload")}
    </Button>
  );
  return (
    <>
      <PageHeader title={`${t("screen.commitments.title")} · ${clients.name(clientId)}`} actions={upload} />
      <Loaded query={forecasts}>
        {(list) =>
          list.length === 0 ? (
            <EmptyView title={t("screen.commitments.none")} advice={t("screen.commitments.none_advice")} />
          ) : (
            <>
              <Loaded query={report} skeleton={<div className="skeleton" style={{ height: 160 }} />}>
                {(rows) => <Report rows={rows} queues={queues} zone={list[0]!.zone} />}
              </Loaded>
              <Comparison forecasts={list} queues={queues} />
              <Versions forecasts={list} />
              <History clientId={clientId} forecasts={list} />
              <Agreement clientId={clientId} />
            </>
          )
        }
      </Loaded>
      {uploading && <UploadDialog clientId={clientId} onClose={() => setUploading(false)} />}
    </>
  );
}

const statusOf: Record<string, Status> = { inside: "good", outside: "bad", open: "unknown" };
const day = (date: string) => dateLabel(`${date}T00:00:00Z`, "UTC");
const right = { align: "right" as const };

/** First and last day of a span whose end is exclusive. */
const spanText = (from: string, to: string) => `${day(from)} – ${day(addDays(to, -1))}`;

/** A fiscal month by its name, or by its days where it is no calendar month. */
const monthText = (from: string, to: string) =>
  from.endsWith("-01") ? monthLabel(from.slice(0, 7)) : spanText(from, to);

/** Committed, forecast and actual contacts against the tolerance. */
function Report({ rows, queues, zone }: { rows: CommitmentRow[]; queues: Queue[]; zone: string }) {
  const t = useText();
  return (
    <Block flush={rows.length > 0} title={t("screen.commitments.report")}>
      {rows.length === 0 ? (
        <p className="soft">{t("screen.commitments.no_report")}</p>
      ) : (
        <DataTable<CommitmentRow>
          rowKey={(row) => `${row.month} ${row.stage} ${row.queue_id ?? ""}`}
          dataSource={rows}
          columns={[
            { title: t("screen.commitments.month"), render: (_, row) => monthText(row.month, row.to) },
            { title: t("screen.commit.stage"), render: (_, row) => stageText(t, row.stage) },
            {
              title: t("screen.forecast.queue"),
              render: (_, row) =>
                row.queue_id
                  ? queues.find((queue) => queue.id === row.queue_id)?.name
                  : t("screen.forecast.all_queues"),
            },
            { title: t("screen.commit.committed"), ...right, render: (_, row) => count(row.committed) },
            { title: t("screen.commitments.now"), ...right, render: (_, row) => count(row.forecast) },
            {
              title: t("screen.commitments.due"),
              ...right,
              render: (_, row) => (
                <>
                  {count(row.due)}
                  {row.until && (
                    <div className="soft">
                      {t("screen.commitments.until", {
                        time: `${dayLabel(row.until, zone)} ${timeOfDay(row.until, zone)}`,
                      })}
                    </div>
                  )}
                </>
              ),
            },
            { title: t("screen.series.actual"), ...right, render: (_, row) => count(row.actual) },
            {
              title: t("screen.series.deviation"),
              ...right,
              render: (_, row) => <Deviation row={row} />,
            },
            {
              title: t("screen.commit.tolerance"),
              ...right,
              render: (_, row) => toleranceText(row.below, row.above),
            },
            {
              title: t("screen.measure.status"),
              render: (_, row) => <StatusTag status={statusOf[row.status] ?? "unknown"} />,
            },
          ]}
        />
      )}
    </Block>
  );
}

function Deviation({ row }: { row: CommitmentRow }) {
  const t = useText();
  if (row.share === null) return NONE;
  return (
    <Why
      title={t("screen.series.deviation")}
      definition={t("screen.commitments.deviation_is")}
      reasons={[
        { name: t("screen.commitments.due"), value: count(row.due) },
        { name: t("screen.series.actual"), value: count(row.actual) },
        { name: t("screen.commitments.grain"), value: t.of(`screen.grain.${row.grain}`, row.grain) },
        { name: t("screen.commitments.inside"), value: `${row.inside} / ${row.units}` },
        { name: t("screen.commitments.under"), value: count(row.under) },
        { name: t("screen.commitments.over"), value: count(row.over) },
        ...(row.unknown_days > 0
          ? [{ name: t("screen.commitments.unknown"), value: count(row.unknown_days) }]
          : []),
      ]}
    >
      <strong>{percent(row.share)}</strong>
    </Why>
  );
}

/** Where a version comes from: ours, or the client's file. */
function originText(t: Text, f: Forecast): string {
  if (f.settings.source !== "client") return t("screen.commitments.ours");
  return f.settings.file_name
    ? t("screen.commitments.theirs_file", { file: f.settings.file_name })
    : t("screen.forecast.of_client");
}

function Versions({ forecasts }: { forecasts: Forecast[] }) {
  const t = useText();
  const { user } = useSession();
  return (
    <Block flush title={t("screen.commitments.versions")}>
      <DataTable<Forecast>
        rowKey="id"
        dataSource={forecasts}
        pagination={{ pageSize: 10, showSizeChanger: false, hideOnSinglePage: true }}
        columns={[
          {
            title: t("screen.accuracy.version"),
            render: (_, f) => (
              <Link to="/forecast" search={(old) => ({ ...old, version: f.id })}>
                {t("screen.forecast.version", { version: f.version })}
              </Link>
            ),
          },
          { title: t("screen.forecast.name"), render: (_, f) => f.name },
          { title: t("screen.commitments.origin"), render: (_, f) => originText(t, f) },
          {
            title: t("screen.adjust.state"),
            render: (_, f) => <StateTag kind="version_state" state={f.status} />,
          },
          {
            title: t("screen.forecast.horizon"),
            render: (_, f) => `${day(horizonOf(f).first)} – ${day(horizonOf(f).last)}`,
          },
          { title: t("screen.adjust.at"), render: (_, f) => dateTime(f.created_at, f.zone) },
          {
            title: t("screen.adjust.by"),
            render: (_, f) => (f.created_by === user.id ? t("screen.adjust.you") : NONE),
          },
          {
            title: t("screen.commitments.file"),
            render: (_, f) => <OriginalFile forecast={f} />,
          },
          {
            title: "SHA-256",
            render: (_, f) =>
              f.settings.file_sha256 ? (
                <code title={f.settings.file_sha256}>{f.settings.file_sha256.slice(0, 12)}…</code>
              ) : (
                NONE
              ),
          },
        ]}
      />
    </Block>
  );
}

/** The client's file as it came, as long as it is kept. */
function OriginalFile({ forecast }: { forecast: Forecast }) {
  const t = useText();
  const { file_id, file_until, file_name } = forecast.settings;
  if (!file_id || (file_until && Date.parse(file_until) <= Date.now())) return NONE;
  return (
    <a
      href={`/api/v1/forecasts/${forecast.id}/file`}
      download
      title={file_until && t("screen.commitments.file_until", { day: dateLabel(file_until, forecast.zone) })}
    >
      {file_name || t("screen.commitments.file")}
    </a>
  );
}

/** Every commitment that was made, with the reason where a lock was opened. */
function History({ clientId, forecasts }: { clientId: string; forecasts: Forecast[] }) {
  const t = useText();
  const made = useQuery(commitmentsQuery(clientId)).data ?? [];
  if (made.length === 0) return null;
  const version = (id: string) => forecasts.find((f) => f.id === id);
  return (
    <Block flush title={t("screen.commitments.history")}>
      <DataTable<ForecastCommitment>
        rowKey="id"
        dataSource={made}
        pagination={{ pageSize: 10, showSizeChanger: false, hideOnSinglePage: true }}
        columns={[
          {
            title: t("screen.adjust.at"),
            render: (_, c) => dateTime(c.created_at, version(c.forecast_id)?.zone ?? "UTC"),
          },
          { title: t("screen.commitments.days"), render: (_, c) => spanText(c.from_day, c.to_day) },
          { title: t("screen.commit.stage"), render: (_, c) => stageText(t, c.stage) },
          {
            title: t("screen.accuracy.version"),
            render: (_, c) => {
              const f = version(c.forecast_id);
              return f ? t("screen.forecast.version", { version: f.version }) : NONE;
            },
          },
          {
            title: t("screen.commitments.breaches"),
            ...right,
            render: (_, c) => count(c.breaches?.length ?? 0),
          },
          { title: t("screen.commit.reason"), render: (_, c) => c.reason || NONE },
        ]}
      />
    </Block>
  );
}
