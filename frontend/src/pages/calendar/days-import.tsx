import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Modal, Segmented, Select } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { CalendarView } from "../../api/models";
import { presetsQuery } from "../../api/queries";
import { DataTable } from "../../components/data-table";
import { ProblemView } from "../../components/states";
import { dayLabel } from "../../format/time";
import { useText } from "../../text/text";
import { type PresetDay, presetDays } from "./model";

const importedKinds = ["closed", "holiday", "tagged"] as const;
type ImportedKind = (typeof importedKinds)[number];

/** Adds many special days at once: a country's holidays, or a file. */
export function DaysImport({ calendar, onClose }: { calendar: CalendarView; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const presets = useQuery(presetsQuery);
  const [source, setSource] = useState<"preset" | "file">("preset");
  const [presetId, setPreset] = useState<string>();
  const [file, setFile] = useState<File>();
  const [kind, setKind] = useState<ImportedKind>("closed");
  const preset = presets.data?.find((p) => p.id === presetId);
  const take = useMutation({
    mutationFn: async () =>
      unwrap(
        client.POST("/api/v1/calendars/{id}/days", {
          params: { path: { id: calendar.id } },
          body:
            source === "preset"
              ? { preset: presetId, kind }
              : {
                  format: file!.name.toLowerCase().endsWith(".ics") ? "ics" : "csv",
                  text: await file!.text(),
                  kind,
                },
        }),
      ),
    onSuccess: ({ added }) => {
      void message.success(t("screen.calendar.added", { count: added }));
      onClose();
      return queries.invalidateQueries({ queryKey: ["calendars"] });
    },
  });
  const days = preset ? presetDays(preset, calendar) : [];
  const ready = source === "preset" ? preset !== undefined : file !== undefined;
  return (
    <Modal
      open
      width={640}
      title={t("screen.calendar.import")}
      okText={
        source === "preset" && preset
          ? t("screen.calendar.save_days", { count: days.length })
          : t("screen.calendar.import_do")
      }
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !ready, loading: take.isPending }}
      onCancel={onClose}
      onOk={() => take.mutate()}
    >
      <Segmented
        aria-label={t("screen.calendar.source")}
        value={source}
        onChange={(value: "preset" | "file") => setSource(value)}
        options={[
          { value: "preset", label: t("screen.calendar.preset") },
          { value: "file", label: t("screen.calendar.file") },
        ]}
        style={{ marginBottom: 12 }}
      />
      {source === "preset" ? (
        <label className="field">
          <span>{t("screen.calendar.country")}</span>
          <Select
            value={presetId}
            loading={presets.isPending}
            onChange={setPreset}
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
          <input type="file" accept=".ics,.csv" onChange={(event) => setFile(event.target.files?.[0])} />
          <span className="soft">{t("screen.calendar.file_help")}</span>
        </label>
      )}
      <label className="field">
        <span>{t("screen.calendar.means")}</span>
        <Select
          value={kind}
          onChange={setKind}
          options={importedKinds.map((value) => ({ value, label: t(`screen.day_kind.${value}`) }))}
        />
      </label>
      {source === "preset" && preset && <PresetPreview days={days} />}
      {take.isError && <ProblemView problem={take.error} />}
    </Modal>
  );
}

/** What a preset would do, date by date. */
function PresetPreview({ days }: { days: PresetDay[] }) {
  const t = useText();
  return (
    <DataTable<PresetDay>
      rowKey="date"
      dataSource={days}
      scroll={{ y: 240, x: "max-content" }}
      columns={[
        { title: t("screen.calendar.date"), render: (_, day) => dayLabel(`${day.date}T00:00:00Z`, "UTC") },
        { title: t("screen.calendar.name"), render: (_, day) => day.name },
        {
          title: t("screen.calendar.becomes"),
          render: (_, day) => (day.working ? t("screen.calendar.make_up") : t("screen.calendar.as_chosen")),
        },
        {
          title: t("screen.calendar.now"),
          render: (_, day) =>
            day.now
              ? `${day.now.name || day.now.tag} · ${t.of(`screen.day_kind.${day.now.kind}`, day.now.kind)}`
              : "",
        },
      ]}
    />
  );
}
