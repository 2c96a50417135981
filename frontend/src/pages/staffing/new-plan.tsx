import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Modal, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Forecast } from "../../api/models";
import { Problem } from "../../api/problem";
import { useClients } from "../../app/frame";
import { JobLine, useJob } from "../../app/jobs";
import { ProblemView } from "../../components/states";
import { percent } from "../../format/number";
import { useText } from "../../text/text";
import { weeksOf } from "../forecast/versions";

const quantiles = [0, 0.6, 0.7, 0.8, 0.9];

/** Computes what a version needs; the work is a job that survives closing the dialog. */
export function NewPlanDialog(props: {
  forecasts: Forecast[];
  onClose: () => void;
  onDone: (id: string) => void;
}) {
  const t = useText();
  const clients = useClients();
  const queries = useQueryClient();
  const [forecastId, setForecast] = useState(props.forecasts[0]?.id);
  const [quantile, setQuantile] = useState(0);
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId);
  const start = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/staffing/plans", {
          body: { forecast_id: forecastId ?? "", ...(quantile > 0 && { quantile }) },
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
    void queries.invalidateQueries({ queryKey: ["plans"] }).then(() => {
      onDone(made);
      onClose();
    });
  }, [made, queries, onDone, onClose]);
  return (
    <Modal
      open
      title={t("screen.staffing.compute")}
      okText={t("screen.staffing.compute")}
      cancelText={t(jobId ? "screen.action.close" : "screen.action.cancel")}
      okButtonProps={{ disabled: !forecastId || Boolean(jobId), loading: start.isPending }}
      onCancel={onClose}
      onOk={() => start.mutate()}
    >
      <label className="field">
        <span>{t("screen.page.forecast")}</span>
        <Select
          value={forecastId}
          onChange={setForecast}
          options={props.forecasts.map((f) => ({
            value: f.id,
            label: [
              clients.name(f.client_id),
              t("screen.forecast.version", { version: f.version }),
              t.of(`screen.version_state.${f.status}`, f.status),
              t("screen.staffing.weeks", { weeks: weeksOf(f) }),
            ].join(" · "),
          }))}
        />
      </label>
      <label className="field">
        <span>{t("screen.staffing.staffed_to")}</span>
        <Select
          value={quantile}
          onChange={setQuantile}
          options={quantiles.map((q) => ({
            value: q,
            label: q === 0 ? t("screen.staffing.mean") : t("screen.staffing.quantile", { share: percent(q) }),
          }))}
        />
      </label>
      <p className="soft">{t("screen.staffing.quantile_help")}</p>
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
