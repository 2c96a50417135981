import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { client, items, unwrap } from "../../api/client";
import type { CommitmentTerms, LockStage, TermsMonth, TermsPreview } from "../../api/models";
import { useClients } from "../../app/frame";
import { DataTable } from "../../components/data-table";
import { ProblemView } from "../../components/states";
import { addDays, dateLabel, dayOf } from "../../format/time";
import { type Text, useText } from "../../text/text";
import { stageText } from "../forecast/commit-dialog";

/** What the dialog edits: the document, with the day from which it holds. */
interface Draft {
  valid_from: string;
  fiscal_start_day: number;
  keep_files_months: number;
  stages: LockStage[];
}

/** How long files are kept where nothing else is agreed. */
const KEEP_MONTHS = 36;

/** The first draft of the next version: the newest one, from the next first of its fiscal month. */
export function draftOf(newest: CommitmentTerms | undefined, today: string): Draft {
  const day = newest?.terms.fiscal_start_day ?? 1;
  const after = newest && newest.valid_from >= today ? newest.valid_from : today;
  const [year, month, date] = after.split("-").map(Number) as [number, number, number];
  const next = Date.UTC(year, date < day ? month - 1 : month, day);
  return {
    valid_from: new Date(next).toISOString().slice(0, 10),
    fiscal_start_day: day,
    keep_files_months: newest?.terms.keep_files_months || KEEP_MONTHS,
    stages: newest?.terms.stages ?? [],
  };
}

/** Edits the agreement as its next version, and says which months it would lock before it is stored. */
export function TermsDialog(props: { clientId: string; terms: CommitmentTerms[]; onClose: () => void }) {
  const t = useText();
  const clients = useClients();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [newest] = props.terms;
  const [draft, setDraft] = useState(() => draftOf(newest, dayOf(Date.now(), "UTC")));
  const { valid_from, ...terms } = draft;
  const body = { valid_from, terms };
  const path = { id: props.clientId };
  const preview = useQuery({
    queryKey: ["clients", props.clientId, "commitment-terms", "preview", draft],
    queryFn: () =>
      unwrap(client.POST("/api/v1/clients/{id}/commitment-terms/preview", { params: { path }, body })),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/clients/{id}/commitment-terms", {
          params: { path },
          headers: { "If-Match": `"v${newest?.version ?? 0}"` },
          body,
        }),
      ),
    onSuccess: async (stored) => {
      void message.success(t("screen.terms.saved", { version: stored.version }));
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["clients", props.clientId, "commitment-terms"], exact: true }),
        queries.invalidateQueries({ queryKey: ["commitments"] }),
      ]);
      props.onClose();
    },
  });
  const number = (label: string, value: number, min: number, max: number, set: (v: number) => void) => (
    <label className="field">
      <span>{label}</span>
      <InputNumber min={min} max={max} precision={0} value={value} onChange={(v) => set(v ?? min)} />
    </label>
  );
  return (
    <Modal
      open
      width={1200}
      title={t("screen.terms.title", { client: clients.name(props.clientId) })}
      okText={t("screen.terms.save", { version: (newest?.version ?? 0) + 1, day: dayText(valid_from) })}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: preview.isError || valid_from === "", loading: save.isPending }}
      onCancel={props.onClose}
      onOk={() => save.mutate()}
    >
      <p className="soft">{t("screen.terms.help")}</p>
      <div className="terms-fields">
        <label className="field">
          <span>{t("screen.terms.valid_from")}</span>
          <Input
            type="date"
            value={valid_from}
            onChange={(event) => setDraft({ ...draft, valid_from: event.target.value })}
          />
        </label>
        {number(t("screen.terms.fiscal_day"), draft.fiscal_start_day, 1, 28, (v) =>
          setDraft({ ...draft, fiscal_start_day: v }),
        )}
        {number(t("screen.terms.keep"), draft.keep_files_months, 1, 240, (v) =>
          setDraft({ ...draft, keep_files_months: v }),
        )}
      </div>
      <Stages stages={draft.stages} onChange={(stages) => setDraft({ ...draft, stages })} />
      {save.isError && <ProblemView problem={save.error} />}
      {preview.isError ? (
        <ProblemView problem={preview.error} />
      ) : (
        preview.data && <Locks preview={preview.data} />
      )}
    </Modal>
  );
}

const dayText = (date: string) => (date ? dateLabel(`${date}T00:00:00Z`, "UTC") : "");

/** The stages as a table whose cells are fields. */
function Stages({ stages, onChange }: { stages: LockStage[]; onChange: (stages: LockStage[]) => void }) {
  const t = useText();
  const typical = useMutation({
    mutationFn: async () => items(await unwrap(client.GET("/api/v1/commitment-stages"))),
    onSuccess: onChange,
  });
  const put = (index: number, part: Partial<LockStage>) =>
    onChange(stages.map((stage, i) => (i === index ? { ...stage, ...part } : stage)));
  const whole = (key: "months" | "days", max: number) => ({
    title: t(`screen.terms.${key}`),
    render: (_: unknown, stage: LockStage, i: number) => (
      <InputNumber
        aria-label={`${t(`screen.terms.${key}`)} ${stage.key}`}
        min={0}
        max={max}
        precision={0}
        style={{ width: 70 }}
        value={stage[key]}
        onChange={(v) => put(i, { [key]: v ?? 0 })}
      />
    ),
  });
  const tolerance = (key: "below" | "above", max: number) => ({
    title: t(`screen.terms.${key}`),
    render: (_: unknown, stage: LockStage, i: number) => (
      <InputNumber
        aria-label={`${t(`screen.terms.${key}`)} ${stage.key}`}
        min={0}
        max={max}
        precision={1}
        style={{ width: 80 }}
        value={Math.round(stage[key] * 1000) / 10}
        onChange={(v) => put(i, { [key]: (v ?? 0) / 100 })}
      />
    ),
  });
  return (
    <>
      <DataTable<LockStage>
        rowKey={(stage) => stages.indexOf(stage)}
        dataSource={stages}
        columns={[
          {
            title: t("screen.terms.key"),
            render: (_, stage, i) => (
              <Input
                aria-label={`${t("screen.terms.key")} ${i + 1}`}
                maxLength={20}
                style={{ width: 80 }}
                value={stage.key}
                onChange={(event) => put(i, { key: event.target.value })}
              />
            ),
          },
          whole("months", 24),
          whole("days", 400),
          {
            title: t("screen.terms.allows"),
            render: (_, stage, i) => (
              <Select
                aria-label={`${t("screen.terms.allows")} ${stage.key}`}
                value={stage.allows}
                popupMatchSelectWidth={false}
                onChange={(allows) => put(i, { allows })}
                options={(["open", "band", "locked"] as const).map((v) => ({
                  value: v,
                  label: t(`screen.lock.${v}`),
                }))}
              />
            ),
          },
          tolerance("below", 100),
          tolerance("above", 1000),
          {
            title: t("screen.commitments.grain"),
            render: (_, stage, i) => (
              <Select
                aria-label={`${t("screen.commitments.grain")} ${stage.key}`}
                value={stage.grain}
                popupMatchSelectWidth={false}
                onChange={(grain) => put(i, { grain })}
                options={(["month", "week", "day"] as const).map((v) => ({
                  value: v,
                  label: t(`screen.grain.${v}`),
                }))}
              />
            ),
          },
          {
            title: t("screen.terms.per_queue"),
            render: (_, stage, i) => (
              <Checkbox
                aria-label={`${t("screen.terms.per_queue")} ${stage.key}`}
                checked={stage.per_queue}
                onChange={(event) => put(i, { per_queue: event.target.checked })}
              />
            ),
          },
          {
            title: "",
            render: (_, stage, i) => (
              <Button
                type="text"
                aria-label={t("screen.terms.remove", { key: stage.key })}
                onClick={() => onChange(stages.filter((_stage, k) => k !== i))}
              >
                ×
              </Button>
            ),
          },
        ]}
      />
      <div className="terms-add">
        <Button disabled={stages.length >= 12} onClick={() => onChange([...stages, nextStage(stages)])}>
          {t("screen.terms.add")}
        </Button>
        <Button loading={typical.isPending} onClick={() => typical.mutate()}>
          {t("screen.terms.typical")}
        </Button>
      </div>
    </>
  );
}

/** A stage after the others: half as many days before the month, held more firmly. */
function nextStage(stages: LockStage[]): LockStage {
  const last = stages.at(-1);
  const days = last ? Math.max(1, Math.floor((last.months * 31 + last.days) / 2)) : 90;
  return {
    key: `${days}d`,
    months: 0,
    days,
    allows: last?.allows === "open" ? "band" : "locked",
    below: last?.below ?? 0.1,
    above: last?.above ?? 0.1,
    grain: last?.grain ?? "month",
    per_queue: last?.per_queue ?? false,
  };
}

/** The months ahead as they are held now and would be. */
function Locks({ preview }: { preview: TermsPreview }) {
  const t = useText();
  const months = preview.months ?? [];
  return (
    <section aria-label={t("screen.terms.preview")}>
      <h3>{t("screen.terms.preview")}</h3>
      {preview.forecast && (preview.breaches ?? []).length > 0 ? (
        <Alert
          type="warning"
          title={t("screen.terms.breaches", {
            version: preview.forecast,
            count: preview.breaches!.length,
          })}
        />
      ) : null}
      <DataTable<TermsMonth>
        rowKey="month"
        dataSource={months}
        scroll={{ x: "max-content", y: 220 }}
        columns={[
          {
            title: t("screen.commitments.month"),
            render: (_, m) => `${dayText(m.month)} – ${dayText(addDays(m.to, -1))}`,
          },
          { title: t("screen.terms.now"), render: (_, m) => lockText(t, m.before) },
          {
            title: t("screen.terms.then"),
            render: (_, m) => {
              const text = lockText(t, m.after);
              return text === lockText(t, m.before) ? (
                <span className="soft">{text}</span>
              ) : (
                <strong>{text}</strong>
              );
            },
          },
        ]}
      />
    </section>
  );
}

/** How firmly a month is held, what that protects, and what comes next. */
export function lockText(t: Text, lock: TermsMonth["before"]): string {
  return [
    t(`screen.lock.${lock.allows}`),
    lock.allows !== "open" &&
      (lock.version
        ? t("screen.terms.protects", { version: lock.version })
        : t("screen.terms.protects_none")),
    lock.next &&
      lock.deadline &&
      t("screen.terms.next", { stage: stageText(t, lock.next), day: dayText(lock.deadline) }),
  ]
    .filter(Boolean)
    .join(" · ");
}
