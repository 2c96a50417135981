import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Modal, Segmented, Select } from "antd";
import { useState } from "react";
import { client, items, unwrap } from "../../api/client";
import type { CalendarView, DayChange } from "../../api/models";
import { presetsQuery } from "../../api/queries";
import { DataTable } from "../../components/data-table";
import { ProblemView } from "../../components/states";
import { count } from "../../format/number";
import { dateLabel } from "../../format/time";
import { type Text, useText } from "../../text/text";

const importedKinds = ["closed", "holiday", "tagged"] as const;
type ImportedKind = (typeof importedKinds)[number];

/** Where the days come from. */
interface Source {
  from: "preset" | "file";
  preset?: string;
  file?: File;
  kind: ImportedKind;
}

async function bodyOf(source: Source) {
  if (source.from === "preset") return { preset: source.preset, kind: source.kind };
  const format = source.file!.name.toLowerCase().endsWith(".ics") ? ("ics" as const) : ("csv" as const);
  return { format, text: await source.file!.text(), kind: source.kind };
}

/** Adds many special days at once, a country's holidays or a file's; first it says what that changes. */
export function DaysImport({ calendar, onClose }: { calendar: CalendarView; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const presets = useQuery(presetsQuery);
  const [source, setSource] = useState<Source>({ from: "preset", kind: "closed" });
  const preset = presets.data?.find((p) => p.id === source.preset);
  const ready = source.from === "preset" ? preset !== undefined : source.file !== undefined;
  const params = { path: { id: calendar.id } };
  const preview = useQuery({
    queryKey: ["calendars", calendar.id, calendar.version, "preview", source],
    queryFn: async () =>
      items(
        await unwrap(
          client.POST("/api/v1/calendars/{id}/days/preview", { params, body: await bodyOf(source) }),
        ),
      ),
    enabled: ready,
    retry: false,
  });
  const take = useMutation({
    mutationFn: async () =>
      unwrap(client.POST("/api/v1/calendars/{id}/days", { params, body: await bodyOf(source) })),
    onSuccess: ({ added }) => {
      void message.success(t("screen.calendar.added", { count: added }));
      onClose();
      return queries.invalidateQueries({ queryKey: ["calendars"] });
    },
  });
  const changes = preview.data?.filter((change) => change.change !== "same") ?? [];
  return (
    <Modal
      open
      width={680}
      title={t("screen.calendar.import")}
      okText={t("screen.calendar.save_days", { count: count(changes.length) })}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !ready || changes.length === 0, loading: take.isPending }}
      onCancel={onClose}
      onOk={() => take.mutate()}
    >
      <Segmented
        aria-label={t("screen.calendar.source")}
        value={source.from}
        onChange={(from: Source["from"]) => setSource({ ...source, from })}
        options={[
          { value: "preset", label: t("screen.calendar.preset") },
          { value: "file", label: t("screen.calendar.file") },
        ]}
        style={{ marginBottom: 12 }}
      />
      {source.from === "preset" ? (
        <label className="field">
          <span>{t("screen.calendar.country")}</span>
          <Select
            value={source.preset}
            loading={presets.isPending}
            onChange={(id) => setSource({ ...source, preset: id })}
            options={presets.data?.map((p) => ({
              value: p.id,
              label: `${p.name} · ${p.from === p.to ? p.from : `${p.from}–${p.to}`}`,
            }))}
          />
          {preset && <span className="soft">{t("screen.calendar.origin", { source: preset.source })}</span>}
        </label>
      ) : (
        <label className="field">
          <span>{t("screen.calendar.file")}</span>
          <input
            type="file"
            accept=".ics,.csv"
            onChange={(event) => setSource({ ...source, file: event.target.files?.[0] })}
          />
          <span className="soft">{t("screen.calendar.file_help")}</span>
        </label>
      )}
      <label className="field">
        <span>{t("screen.calendar.means")}</span>
        <Select
          value={source.kind}
          onChange={(kind: ImportedKind) => setSource({ ...source, kind })}
          options={importedKinds.map((value) => ({ value, label: t(`screen.day_kind.${value}`) }))}
        />
      </label>
      {preview.isError && <ProblemView problem={preview.error} />}
      {preview.data && <Preview changes={preview.data} />}
      {take.isError && <ProblemView problem={take.error} />}
    </Modal>
  );
}

function dayText(t: Text, day: DayChange["day"] | undefined): string {
  if (!day) return "";
  return [day.name || day.tag, t.of(`screen.day_kind.${day.kind}`, day.kind)].filter(Boolean).join(" · ");
}

/** What a source would do, date by date. */
function Preview({ changes }: { changes: DayChange[] }) {
  const t = useText();
  return (
    <DataTable<DayChange>
      rowKey={(change) => change.day.date}
      dataSource={changes}
      scroll={{ y: 240, x: "max-content" }}
      columns={[
        { title: t("screen.calendar.date"), render: (_, c) => dateLabel(`${c.day.date}T00:00:00Z`, "UTC") },
        { title: t("screen.calendar.becomes"), render: (_, c) => dayText(t, c.day) },
        { title: t("screen.calendar.now"), render: (_, c) => dayText(t, c.was) },
        { title: "", render: (_, c) => t.of(`screen.day_change.${c.change}`, c.change) },
      ]}
    />
  );
}
