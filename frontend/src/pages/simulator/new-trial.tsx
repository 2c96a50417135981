import { useQuery } from "@tanstack/react-query";
import { Alert, Form, Input, InputNumber, Modal, Segmented, Select } from "antd";
import { useEffect, useState } from "react";
import { Problem } from "../../api/problem";
import { rostersQuery } from "../../api/queries";
import { JobLine } from "../../app/jobs";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";
import { readScenario, type TrialQuestion } from "./model";
import type { useTrial } from "./use-trial";

interface Asked {
  name?: string;
  roster?: string;
  from?: string;
  absent?: number;
  other?: string;
  otherAbsent?: number;
  replications?: number;
  late_cost?: number;
}

/** Asks what to play: a roster's day or a scenario file, alone or against another. */
export function NewTrial({ trying, onClose }: { trying: ReturnType<typeof useTrial>; onClose: () => void }) {
  const t = useText();
  const known = useQuery(rostersQuery).data;
  const rosters = known ?? [];
  const [source, setSource] = useState<"roster" | "file">("roster");
  const [files, setFiles] = useState<Record<string, Record<string, unknown>>>({});
  const [unreadable, setUnreadable] = useState(false);
  const [form] = Form.useForm<Asked>();
  const { ask, job } = trying;
  // The list may come after the first answers have been typed.
  useEffect(() => {
    const usual = known?.find((r) => r.status === "published") ?? known?.[0];
    if (usual && form.getFieldValue("roster") === undefined) form.setFieldValue("roster", usual.id);
  }, [known, form]);

  const read = async (side: "a" | "b", file: File | undefined) => {
    setUnreadable(false);
    try {
      const found = file && readScenario(await file.text());
      setFiles((old) => {
        const rest = Object.fromEntries(Object.entries(old).filter(([key]) => key !== side));
        return found ? { ...rest, [side]: found } : rest;
      });
    } catch {
      setUnreadable(true);
    }
  };
  const share = (percent: number | undefined) =>
    percent === undefined || percent === null ? undefined : percent / 100;
  const question = (v: Asked): TrialQuestion => {
    const common = { name: v.name ?? "", replications: v.replications, late_cost: v.late_cost ?? undefined };
    if (source === "file")
      return { ...common, a: { scenario: files.a }, b: files.b && { scenario: files.b } };
    const a = { roster_id: v.roster, from: v.from || undefined, absent: share(v.absent) };
    const compared = v.other !== undefined || (v.otherAbsent !== undefined && v.otherAbsent !== null);
    return {
      ...common,
      a,
      b: compared
        ? { ...a, roster_id: v.other ?? v.roster, absent: share(v.otherAbsent) ?? a.absent }
        : undefined,
    };
  };
  const options = rosters.map((r) => ({
    value: r.id,
    label: `${r.name} · ${t.of(`screen.version_state.${r.status}`, r.status)} ${r.version}`,
  }));
  return (
    <Modal
      open
      width={560}
      title={t("screen.trial.new")}
      okText={t("screen.trial.run")}
      okButtonProps={{ loading: ask.isPending, disabled: source === "file" && !files.a }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {ask.error && (
        <Alert type="error" showIcon role="alert" message={problemText(t, Problem.of(ask.error))} />
      )}
      {unreadable && <Alert type="error" showIcon role="alert" message={t("screen.trial.unreadable")} />}
      {job && <JobLine job={job} />}
      <Segmented
        className="trial-side"
        value={source}
        onChange={(v) => setSource(v as "roster" | "file")}
        options={[
          { value: "roster", label: t("screen.trial.of_roster") },
          { value: "file", label: t("screen.trial.of_file") },
        ]}
      />
      <Form
        form={form}
        layout="vertical"
        initialValues={{ replications: 20 }}
        onFinish={(v) => ask.mutate(question(v))}
        className="trial-form"
      >
        <Form.Item name="name" label={t("screen.trial.name")}>
          <Input maxLength={200} />
        </Form.Item>
        {source === "roster" ? (
          <>
            <Form.Item
              name="roster"
              label={t("screen.trial.roster")}
              rules={[{ required: true, message: t("screen.contract.required") }]}
            >
              <Select options={options} />
            </Form.Item>
            <Form.Item name="from" label={t("screen.trial.day")} extra={t("screen.trial.day_help")}>
              <Input type="date" />
            </Form.Item>
            <Form.Item name="absent" label={t("screen.trial.absent")}>
              <InputNumber
                min={0}
                max={99}
                suffix="%"
                placeholder={t("screen.trial.as_planned")}
                style={{ width: 130 }}
              />
            </Form.Item>
            <Form.Item name="other" label={t("screen.trial.against")}>
              <Select allowClear options={options} placeholder={t("screen.trial.alone")} />
            </Form.Item>
            <Form.Item name="otherAbsent" label={t("screen.trial.against_absent")}>
              <InputNumber min={0} max={99} suffix="%" style={{ width: 130 }} />
            </Form.Item>
            <Form.Item name="late_cost" label={t("screen.trial.late_cost")}>
              <InputNumber min={0} max={1e9} style={{ width: 130 }} />
            </Form.Item>
          </>
        ) : (
          (["a", "b"] as const).map((side) => (
            <p key={side}>
              <label>
                {t(side === "a" ? "screen.trial.file_a" : "screen.trial.file_b")}{" "}
                <input
                  type="file"
                  accept=".json,application/json"
                  onChange={(e) => void read(side, e.target.files?.[0])}
                />
              </label>
            </p>
          ))
        )}
        <Form.Item name="replications" label={t("screen.trial.replications")}>
          <InputNumber min={1} max={1000} precision={0} style={{ width: 130 }} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
