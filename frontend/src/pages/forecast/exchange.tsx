import { DownloadOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Modal } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import { base64Of } from "../../api/files";
import type { FileDay, FileDifference, Forecast, Queue } from "../../api/models";
import { DataTable } from "../../components/data-table";
import { ProblemView } from "../../components/states";
import { count, NONE, share } from "../../format/number";
import { dayLabel } from "../../format/time";
import { useText } from "../../text/text";

/** The whole version as a file, beside the picture and the figures in view. */
export function ExportButtons({ forecast }: { forecast: Forecast }) {
  const t = useText();
  const button = (path: string, label: string) => (
    <Button
      type="text"
      icon={<DownloadOutlined />}
      href={`/api/v1/forecasts/${forecast.id}/${path}`}
      download
    >
      {label}
    </Button>
  );
  return (
    <>
      {button("export", t("screen.forecast.export_csv"))}
      {button("workbook", t("screen.forecast.export_excel"))}
    </>
  );
}

/** Takes a version back in that was changed in Excel: first what differs, then one named adjustment. */
export function ImportDialog(props: {
  forecast: Forecast;
  queues: Queue[];
  onClose: () => void;
  onDone: (id: string) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const [file, setFile] = useState<File>();
  const [name, setName] = useState("");
  const params = { path: { id: props.forecast.id } };
  const body = async () => ({
    file: await base64Of(file!),
    file_name: file!.name,
    ...(name.trim() && { name: name.trim() }),
  });
  const preview = useMutation({
    mutationFn: async () =>
      unwrap(client.POST("/api/v1/forecasts/{id}/file/preview", { params, body: await body() })),
  });
  const take = useMutation({
    mutationFn: async () =>
      unwrap(client.POST("/api/v1/forecasts/{id}/file", { params, body: await body() })),
    onSuccess: async (applied) => {
      await queries.invalidateQueries({ queryKey: ["forecasts"] });
      props.onDone(applied.forecast.id);
    },
  });
  const found = preview.data;
  const usable = found !== undefined && found.changed > 0 && (found.issues ?? []).length === 0;
  return (
    <Modal
      open
      width={680}
      title={t("screen.forecast.import")}
      okText={
        found
          ? t("screen.forecast.import_do", { count: count(found.changed) })
          : t("screen.forecast.compare_file")
      }
      cancelText={t("screen.action.cancel")}
      okButtonProps={{
        disabled: !file || (found !== undefined && !usable),
        loading: preview.isPending || take.isPending,
      }}
      onCancel={props.onClose}
      onOk={() => (found ? take.mutate() : preview.mutate())}
    >
      <p className="soft">{t("screen.forecast.import_help", { version: props.forecast.version })}</p>
      <label className="field">
        <span>{t("screen.import.file")}</span>
        <input
          type="file"
          accept=".xlsx,.csv"
          onChange={(event) => {
            setFile(event.target.files?.[0]);
            preview.reset();
            take.reset();
          }}
        />
      </label>
      <label className="field">
        <span>{t("screen.adjust.name")}</span>
        <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </label>
      {preview.isError && <ProblemView problem={preview.error} />}
      {take.isError && <ProblemView problem={take.error} />}
      {found && <Difference found={found} queues={props.queues} />}
    </Modal>
  );
}

/** What an edited file would change, day by day. */
function Difference({ found, queues }: { found: FileDifference; queues: Queue[] }) {
  const t = useText();
  const right = { align: "right" as const };
  const issues = found.issues ?? [];
  const days = found.days ?? [];
  const queueName = (id: string) => queues.find((queue) => queue.id === id)?.name ?? NONE;
  return (
    <>
      <p role="status">
        {found.changed === 0
          ? t("screen.forecast.file_same")
          : t("screen.forecast.file_changes", {
              changed: count(found.changed),
              before: count(found.before),
              after: count(found.after),
            })}
        {found.missing > 0 && ` ${t("screen.forecast.file_missing", { count: count(found.missing) })}`}
      </p>
      {issues.length > 0 && (
        <Alert
          type="error"
          showIcon
          title={t("screen.forecast.file_issues")}
          description={
            <ul>
              {issues.slice(0, 8).map((issue, index) => (
                <li key={index}>{[issue.sheet, issue.line, issue.text].filter(Boolean).join(" · ")}</li>
              ))}
            </ul>
          }
        />
      )}
      {days.length > 0 && (
        <DataTable<FileDay>
          rowKey={(day) => `${day.queue_id} ${day.day}`}
          dataSource={days}
          scroll={{ y: 260, x: "max-content" }}
          columns={[
            { title: t("screen.forecast.queue"), render: (_, day) => queueName(day.queue_id) },
            { title: t("screen.calendar.date"), render: (_, day) => dayLabel(`${day.day}T00:00:00Z`, "UTC") },
            { title: t("screen.why.before"), ...right, render: (_, day) => count(day.before) },
            {
              title: t("screen.why.after"),
              ...right,
              render: (_, day) => <strong>{count(day.after)}</strong>,
            },
            {
              title: t("screen.series.deviation"),
              ...right,
              render: (_, day) => share(day.after - day.before, day.before),
            },
          ]}
        />
      )}
    </>
  );
}
