import { LoadingOutlined, ProfileOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Badge, Button, Popover } from "antd";
import { client, unwrap } from "../api/client";
import type { Job } from "../api/models";
import { jobQuery, jobsQuery } from "../api/queries";
import { duration } from "../format/time";
import { useText } from "../text/text";
import { can } from "./rights";
import { useSession } from "./session";

const busy = (job: Job) => job.status === "waiting" || job.status === "running";

/** Running work in the top bar; it goes on when its page is left. */
export function JobsButton() {
  const t = useText();
  const session = useSession();
  const jobs = useQuery({
    ...jobsQuery,
    enabled: can(session, "jobs", "view"),
    refetchInterval: (query) => (query.state.data?.some(busy) ? 1_000 : 30_000),
  });
  const list = jobs.data ?? [];
  const running = list.filter(busy).length;
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("screen.jobs.title")}
      content={
        <ul className="jobs">
          {list.length === 0 && <li className="soft">{t("screen.jobs.none")}</li>}
          {list.slice(0, 8).map((job) => (
            <li key={job.id}>
              <JobLine job={job} />
            </li>
          ))}
        </ul>
      }
    >
      <Badge count={running} size="small" color="#0b6e69" className="jobs-button">
        <Button
          type="text"
          aria-label={t("screen.jobs.button", { count: running })}
          icon={running > 0 ? <LoadingOutlined /> : <ProfileOutlined />}
        />
      </Badge>
    </Popover>
  );
}

/** One job: what, how far, how long, and a way to stop it. */
export function JobLine({ job }: { job: Job }) {
  const t = useText();
  const queries = useQueryClient();
  const name = t.of(`screen.job.${job.kind}`, job.kind);
  const elapsed = job.started_at
    ? duration((Date.parse(job.finished_at ?? new Date().toISOString()) - Date.parse(job.started_at)) / 1000)
    : "";
  const stop = async () => {
    await unwrap(client.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id: job.id } } }));
    await queries.invalidateQueries({ queryKey: ["jobs"] });
  };
  return (
    <div className="job">
      <div className="job-head">
        <span>{name}</span>
        <span className="soft">
          {t.of(`screen.job_state.${job.status}`, job.status)} {elapsed}
        </span>
      </div>
      {busy(job) && (
        <div className="job-head">
          <progress aria-label={name} value={job.status === "running" ? job.progress : undefined} />
          <Button type="link" onClick={() => void stop()}>
            {t("screen.jobs.stop")}
          </Button>
        </div>
      )}
      {job.error ? (
        <p className="job-failed">{job.error.detail}</p>
      ) : (
        job.note && <p className="soft">{job.note}</p>
      )}
    </div>
  );
}

/** Follows one job until it ends. */
export function useJob(id: string | undefined) {
  return useQuery({
    ...jobQuery(id ?? ""),
    enabled: Boolean(id),
    refetchInterval: (query) => (query.state.data && !busy(query.state.data) ? false : 1_000),
  });
}

/** The work of a kind that is under way, whoever started it: a page that is opened again finds it. */
export function useRunning(kind: string): Job | undefined {
  const session = useSession();
  const jobs = useQuery({
    ...jobsQuery,
    enabled: can(session, "jobs", "view"),
    refetchInterval: (query) => (query.state.data?.some(busy) ? 1_000 : 30_000),
  });
  return jobs.data?.find((job) => job.kind === kind && busy(job));
}

/** What a job that is done made. */
export function madeBy(job: Job | undefined): string | undefined {
  return job?.status === "done" ? (job.result as { id: string } | undefined)?.id : undefined;
}
