import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client, unwrap } from "../../api/client";
import { useJob } from "../../app/jobs";
import type { TrialQuestion } from "./model";

export const trialQuery = (id: string) => ({
  queryKey: ["trials", id],
  queryFn: () => unwrap(client.GET("/api/v1/trials/{id}", { params: { path: { id } } })),
  staleTime: Infinity,
});

/** Asks for a trial and follows the job until its answer is there. */
export function useTrial() {
  const queries = useQueryClient();
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId).data;
  const made = job?.status === "done" ? (job.result as { id?: string } | undefined)?.id : undefined;
  const trial = useQuery({ ...trialQuery(made ?? ""), enabled: made !== undefined });
  const ask = useMutation({
    mutationFn: (question: TrialQuestion) => unwrap(client.POST("/api/v1/trials", { body: question })),
    onSuccess: (started) => {
      setJobId(started.id);
      void queries.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
  useEffect(() => {
    if (made) void queries.invalidateQueries({ queryKey: ["trials"] });
  }, [made, queries]);
  return { ask, job, trial: trial.data, made };
}
