import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Forecast } from "../../api/models";
import { Problem } from "../../api/problem";
import { useFrame } from "../../app/frame";
import { JobLine, useJob } from "../../app/jobs";
import { ProblemView } from "../../components/states";
import { addDays, dayOf } from "../../format/time";
import { useText } from "../../text/text";
import { horizonOf, mondayOf, openWeeks } from "./versions";

/** The first day that no version of ours in force covers, never before next Monday. */
export function nextOpenDay(forecasts: Forecast[], clientId: string | undefined, today: string): string {
  const monday = addDays(mondayOf(today), 7);
  const covered = forecasts
    .filter((f) => f.client_id === clientId && f.status !== "draft" && f.settings.source !== "client")
    .map((f) => addDays(horizonOf(f).last, 1));
  return covered.reduce((latest, day) => (day > latest ? day : latest), monday);
}

/** The client whose next week without a published forecast comes first. */
export function neediest<C extends { id: string; zone: string }>(
  clients: C[],
  forecasts: Forecast[],
): C | undefined {
  const next = (c: C) => openWeeks(forecasts, c.id, dayOf(Date.now(), c.zone))[0] ?? "9999";
  return clients.reduce<C | undefined>((best, c) => (!best || next(c) < next(best) ? c : best), undefined);
}

/** Forecasts a client's queues; the work is a job that survives closing the dialog. */
export function NewForecastDialog(props: {
  clientId: string | undefined;
  forecasts: Forecast[];
  /** A version to make once more, without some corrections of its history. */
  again?: { forecast: Forecast; refused: string[] };
  onClose: () => void;
  onDone: (id: string) => void;
}) {
  const t = useText();
  const { clients } = useFrame();
  const queries = useQueryClient();
  const { again } = props;
  const [chosen, setChosen] = useState(props.clientId ?? neediest(clients, props.forecasts)?.id);
  const forClient = clients.find((c) => c.id === chosen);
  const suggested = nextOpenDay(props.forecasts, chosen, dayOf(Date.now(), forClient?.zone ?? "UTC"));
  const [name, setName] = useState(again?.forecast.name ?? "");
  const [from, setFrom] = useState<string>();
  const [weeks, setWeeks] = useState<number | null>(4);
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId);
  const start = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/forecasts", {
          body: {
            client_id: chosen ?? "",
            name: name.trim(),
            ...(again
              ? {
                  from: horizonOf(again.forecast).first,
                  days: again.forecast.settings.days,
                  origin: again.forecast.origin_at,
                  refused: again.refused,
                }
              : { from: from ?? suggested, days: (weeks ?? 4) * 7 }),
          },
        }),
      ),
    onSuccess: (started) => setJobId(started.id),
  });
  const { onClose, onDone } = props;
  const told = useRef(false);
  const made = job.data?.status === "done" ? (job.data.result as { id: string }).id : undefined;
  useEffect(() => {
    if (!made || told.current) return;
    told.current = true;
    void queries.invalidateQueries({ queryKey: ["forecasts"] }).then(() => {
      onDone(made);
      onClose();
    });
  }, [made, queries, onDone, onClose]);
  return (
    <Modal
      open
      title={t(again ? "screen.forecast.again_title" : "screen.forecast.new")}
      okText={t("screen.forecast.new_do")}
      cancelText={t(jobId ? "screen.action.close" : "screen.action.cancel")}
      okButtonProps={{ disabled: !chosen || Boolean(jobId), loading: start.isPending }}
      onCancel={onClose}
      onOk={() => start.mutate()}
    >
      {again ? (
        <p>{t("screen.forecast.again_help", { count: again.refused.length })}</p>
      ) : (
        <>
          <label className="field">
            <span>{t("screen.shell.client")}</span>
            <Select
              value={chosen}
              onChange={(id) => {
                setChosen(id);
                setFrom(undefined);
              }}
              options={clients.map((c) => ({ value: c.id, label: c.name }))}
            />
          </label>
          <div className="range-fields">
            <label className="field">
              <span>{t("screen.adjust.first_day")}</span>
              <Input
                type="date"
                value={from ?? suggested}
                onChange={(event) => setFrom(event.target.value)}
              />
            </label>
            <label className="field">
              <span>{t("screen.forecast.weeks_ahead")}</span>
              <InputNumber
                min={1}
                max={52}
                precision={0}
                value={weeks}
                onChange={setWeeks}
                style={{ width: "100%" }}
              />
            </label>
          </div>
        </>
      )}
      <label className="field">
        <span>{t("screen.forecast.name")}</span>
        <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </label>
      {start.isError && <ProblemView problem={start.error} />}
      {job.data?.status === "failed" ? (
        <ProblemView
          problem={
            new Problem({
              status: 422,
              code: job.data.error?.code ?? "internal",
              detail: job.data.error?.detail,
            })
          }
        />
      ) : (
        job.data && <JobLine job={job.data} />
      )}
    </Modal>
  );
}
