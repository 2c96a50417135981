import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Input, Modal } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import { base64Of } from "../../api/files";
import type { Forecast, UploadCheck } from "../../api/models";
import { queuesQuery } from "../../api/queries";
import { DataTable } from "../../components/data-table";
import { ProblemView } from "../../components/states";
import { count } from "../../format/number";
import { addDays, dateLabel } from "../../format/time";
import { useText } from "../../text/text";

/** Hands in the client's own forecast: first what the file holds, then the file itself with its fingerprint. */
export function UploadDialog({ clientId, onClose }: { clientId: string; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [file, setFile] = useState<File>();
  const [name, setName] = useState("");
  const body = async () => ({ client_id: clientId, file_name: file!.name, file: await base64Of(file!) });
  const check = useMutation({
    mutationFn: async () => unwrap(client.POST("/api/v1/forecasts/import/preview", { body: await body() })),
  });
  const send = useMutation({
    mutationFn: async () =>
      unwrap(client.POST("/api/v1/forecasts/import", { body: { ...(await body()), name: name.trim() } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["forecasts"] }),
  });
  const taken = send.data;
  const found = check.data;
  const usable = found !== undefined && found.rows > 0 && (found.issues ?? []).length === 0;
  return (
    <Modal
      open
      width={640}
      title={t("screen.commitments.upload_title")}
      okText={
        taken
          ? t("screen.action.close")
          : usable
            ? t("screen.commitments.upload_confirm", { rows: count(found.rows) })
            : t("screen.commitments.check_file")
      }
      cancelButtonProps={taken && { style: { display: "none" } }}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{
        disabled: !file || (found !== undefined && !usable),
        loading: check.isPending || send.isPending,
      }}
      onCancel={onClose}
      onOk={() => (taken ? onClose() : usable ? send.mutate() : check.mutate())}
    >
      {taken ? (
        <Receipt forecast={taken} />
      ) : (
        <>
          <p className="soft">{t("screen.commitments.upload_help")}</p>
          <label className="field">
            <span>{t("screen.import.file")}</span>
            <input
              type="file"
              accept=".xlsx,.csv"
              onChange={(event) => {
                setFile(event.target.files?.[0]);
                check.reset();
                send.reset();
              }}
            />
          </label>
          <label className="field">
            <span>{t("screen.forecast.name")}</span>
            <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
          </label>
          {found && <Findings check={found} clientId={clientId} />}
          {check.isError && <ProblemView problem={check.error} />}
          {send.isError && <ProblemView problem={send.error} />}
        </>
      )}
    </Modal>
  );
}

/** What a file holds, and every line of it that has to be mended. */
function Findings({ check, clientId }: { check: UploadCheck; clientId: string }) {
  const t = useText();
  const queues = useQuery(queuesQuery(clientId)).data ?? [];
  const name = (id: string) => queues.find((queue) => queue.id === id)?.name ?? "";
  const day = (date: string) => dateLabel(`${date}T00:00:00Z`, "UTC");
  const issues = check.issues ?? [];
  return (
    <div role="status">
      {check.rows > 0 && (
        <p>
          {t("screen.commitments.check_rows", {
            rows: count(check.rows),
            from: day(check.from),
            to: day(addDays(check.to, -1)),
          })}{" "}
          {(check.queues ?? []).map((q) => `${name(q.queue_id)} ${count(q.volume)}`).join(" · ")}
        </p>
      )}
      {(check.missing ?? []).length > 0 && (
        <p className="soft">
          {t("screen.commitments.check_missing", { queues: check.missing!.map(name).join(", ") })}
        </p>
      )}
      {check.same_as ? (
        <Alert type="warning" title={t("screen.commitments.check_same", { version: check.same_as })} />
      ) : null}
      {issues.length > 0 && (
        <>
          <Alert type="error" title={t("screen.commitments.check_issues", { count: count(issues.length) })} />
          <DataTable
            rowKey={(issue) => `${issue.sheet ?? ""} ${issue.line}`}
            dataSource={issues}
            pagination={{ pageSize: 8, showSizeChanger: false, hideOnSinglePage: true }}
            columns={[
              {
                title: t("screen.commitments.check_line"),
                align: "right",
                render: (_, issue) => (issue.sheet ? `${issue.sheet} ${issue.line}` : issue.line),
              },
              { title: t("screen.commitments.check_text"), dataIndex: "text" },
            ]}
          />
        </>
      )}
    </div>
  );
}

/** What was taken in, and the fingerprint by which either side can tell the file later. */
function Receipt({ forecast }: { forecast: Forecast }) {
  const t = useText();
  return (
    <div role="status">
      <p>
        {t("screen.commitments.taken", {
          version: forecast.version,
          from: dateLabel(forecast.start_at, forecast.zone),
          to: dateLabel(Date.parse(forecast.end_at) - 1, forecast.zone),
        })}
      </p>
      <p className="soft">
        SHA-256 <code className="file-hash">{forecast.settings.file_sha256}</code>
      </p>
    </div>
  );
}
