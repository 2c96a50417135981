import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Input, Modal } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Breach, Forecast, LockCheck, Queue } from "../../api/models";
import { locksQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Loaded, ProblemView, TableSkeleton } from "../../components/states";
import { count, percent } from "../../format/number";
import { addDays, dayLabel, monthLabel } from "../../format/time";
import { type Text, useText } from "../../text/text";

/** A stage of the agreement by its key ("90d"), in words. */
export function stageText(t: Text, key: string): string {
  if (key === "late") return t("screen.commit.late");
  const [, number, unit] = /^(\d+)([dm])$/.exec(key) ?? [];
  if (!number) return key;
  return t(unit === "m" ? "screen.commit.months_before" : "screen.commit.days_before", { count: number });
}

/** How far a total may lie from what was committed. */
export function toleranceText(below: number, above: number): string {
  return below === above ? `±${percent(above)}` : `−${percent(below)} / +${percent(above)}`;
}

/** Commits a version to the client, after saying what the locks make of it. */
export function CommitDialog(props: {
  forecast: Forecast;
  queues: Queue[];
  title: string;
  clientName: string;
  /** Publishes the version instead, which the locks were in the way of. */
  publish?: boolean;
  onClose: () => void;
}) {
  const t = useText();
  const session = useSession();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { forecast, onClose } = props;
  const locks = useQuery({ ...locksQuery(forecast.id), staleTime: 0 });
  const [reason, setReason] = useState("");
  const blocked = locks.data?.blocked ?? true;
  const mayUnlock = can(session, "forecasts", "unlock");
  const commit = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST(props.publish ? "/api/v1/forecasts/{id}/publish" : "/api/v1/forecasts/{id}/commit", {
          params: { path: { id: forecast.id } },
          body: blocked ? { reason: reason.trim() } : {},
        }),
      ),
    onSuccess: async (next) => {
      void message.success(
        t(props.publish ? "screen.forecast.publish_done" : "screen.forecast.commit_done", {
          version: next.version,
        }),
      );
      onClose();
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["forecasts"] }),
        queries.invalidateQueries({ queryKey: ["commitments"] }),
      ]);
    },
  });
  return (
    <Modal
      open
      width={680}
      title={props.title}
      okText={
        blocked && locks.data
          ? t(props.publish ? "screen.commit.unlock_publish" : "screen.commit.unlock", {
              count: locks.data.breaches?.length ?? 0,
            })
          : props.title
      }
      cancelText={t("screen.action.cancel")}
      okButtonProps={{
        disabled: !locks.data || (blocked && (!mayUnlock || reason.trim() === "")),
        danger: Boolean(locks.data) && blocked,
        loading: commit.isPending,
      }}
      onCancel={onClose}
      onOk={() => commit.mutate()}
    >
      <p>
        {props.publish
          ? t("screen.forecast.publish_consequence")
          : t("screen.forecast.commit_consequence", { client: props.clientName })}
      </p>
      <Loaded query={locks} skeleton={<TableSkeleton rows={3} />}>
        {(check) => <Locks check={check} queues={props.queues} />}
      </Loaded>
      {locks.data && blocked && (
        <>
          <Alert
            type="warning"
            showIcon
            style={{ margin: "12px 0" }}
            title={t(mayUnlock ? "screen.commit.blocked_reason" : "screen.commit.blocked")}
          />
          {mayUnlock && (
            <label className="field">
              <span>{t("screen.commit.reason")}</span>
              <Input.TextArea
                value={reason}
                maxLength={2000}
                onChange={(event) => setReason(event.target.value)}
              />
            </label>
          )}
        </>
      )}
      {commit.isError && <ProblemView problem={commit.error} />}
    </Modal>
  );
}

/** The months of a version with the stage they are committed for, and the totals a lock does not allow. */
function Locks({ check, queues }: { check: LockCheck; queues: Queue[] }) {
  const t = useText();
  const breaches = check.breaches ?? [];
  const day = (date: string) => dayLabel(`${date}T00:00:00Z`, "UTC");
  const right = { align: "right" as const };
  return (
    <>
      <ul className="commit-months">
        {(check.months ?? []).map((month) => (
          <li key={month.month}>
            {t("screen.commit.month_stage", {
              month: monthLabel(month.month.slice(0, 7)),
              stage: stageText(t, month.stage),
            })}
          </li>
        ))}
      </ul>
      {breaches.length > 0 && (
        <DataTable<Breach>
          rowKey={(b) => `${b.month} ${b.stage} ${b.queue_id ?? ""} ${b.from}`}
          dataSource={breaches}
          scroll={{ y: 220, x: "max-content" }}
          columns={[
            {
              title: t("screen.commit.days"),
              render: (_, b) =>
                addDays(b.from, 1) === b.to ? day(b.from) : `${day(b.from)} – ${day(addDays(b.to, -1))}`,
            },
            {
              title: t("screen.forecast.queue"),
              render: (_, b) =>
                b.queue_id ? queues.find((q) => q.id === b.queue_id)?.name : t("screen.forecast.all_queues"),
            },
            { title: t("screen.commit.stage"), render: (_, b) => stageText(t, b.stage) },
            { title: t("screen.commit.committed"), ...right, render: (_, b) => count(b.committed) },
            { title: t("screen.commit.proposed"), ...right, render: (_, b) => count(b.proposed) },
            {
              title: t("screen.series.deviation"),
              ...right,
              render: (_, b) => <strong>{percent(b.share)}</strong>,
            },
            {
              title: t("screen.commit.tolerance"),
              ...right,
              render: (_, b) => toleranceText(b.below, b.above),
            },
          ]}
        />
      )}
    </>
  );
}
