import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useEffect, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { DayProposal } from "../../api/models";
import { Problem } from "../../api/problem";
import { proposalsQuery } from "../../api/queries";
import { JobLine, useJob } from "../../app/jobs";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { problemText } from "../../components/states";
import { Why } from "../../components/why";
import { count } from "../../format/number";
import { dateLabel, weekday } from "../../format/time";
import { useText } from "../../text/text";

/** Past days that behaved unlike their weekday: take them as special, or say that they were chance. */
export function Proposals({ clientId, calendarId }: { clientId: string; calendarId: string }) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const open = useQuery(proposalsQuery(clientId));
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId).data;
  const failed = (cause: unknown) => void message.error(problemText(t, Problem.of(cause)));
  const find = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/clients/{id}/day-proposals", { params: { path: { id: clientId } } })),
    onSuccess: (started) => setJobId(started.id),
    onError: failed,
  });
  const decide = useMutation({
    mutationFn: ({ id, accept }: { id: string; accept: boolean }) =>
      unwrap(client.PUT("/api/v1/day-proposals/{id}", { params: { path: { id } }, body: { accept } })),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["day-proposals"] }),
        queries.invalidateQueries({ queryKey: ["calendars"] }),
      ]),
    onError: failed,
  });
  const done = job?.status === "done";
  useEffect(() => {
    if (done) void queries.invalidateQueries({ queryKey: ["day-proposals"] });
  }, [done, queries]);
  const own = (open.data ?? []).filter((p) => p.calendar_id === calendarId);
  const right = { align: "right" as const };
  return (
    <Block
      flush={own.length > 0}
      title={t("screen.calendar.proposals")}
      extra={
        <Button loading={find.isPending || job?.status === "running"} onClick={() => find.mutate()}>
          {t("screen.calendar.find")}
        </Button>
      }
    >
      {job && !done && <JobLine job={job} />}
      {own.length === 0 ? (
        <p className="soft">{t(done ? "screen.calendar.nothing_found" : "screen.calendar.no_proposals")}</p>
      ) : (
        <DataTable<DayProposal>
          rowKey="id"
          dataSource={own}
          pagination={{ pageSize: 8, showSizeChanger: false, hideOnSinglePage: true }}
          columns={[
            {
              title: t("screen.calendar.date"),
              render: (_, p) => {
                const at = `${p.day}T00:00:00Z`;
                return `${weekday(at, "UTC")}, ${dateLabel(at, "UTC")}`;
              },
            },
            { title: t("screen.calendar.name"), render: (_, p) => p.name },
            { title: t("screen.calendar.tag"), render: (_, p) => p.tag },
            {
              title: t("screen.calendar.size"),
              ...right,
              render: (_, p) => (
                <Why
                  title={t("screen.calendar.proposals")}
                  definition={t("screen.calendar.proposal_is")}
                  reasons={[
                    { name: t("screen.series.actual"), value: count(p.actual) },
                    { name: t("screen.calendar.expected"), value: count(p.expected) },
                    { name: t("screen.calendar.score"), value: count(p.score, 1) },
                  ]}
                >
                  <strong>× {count(p.size, 2)}</strong>
                </Why>
              ),
            },
            {
              title: "",
              render: (_, p) => (
                <>
                  <Button
                    type="link"
                    disabled={decide.isPending}
                    onClick={() => decide.mutate({ id: p.id, accept: true })}
                  >
                    {t("screen.calendar.accept")}
                  </Button>
                  <Button
                    type="link"
                    disabled={decide.isPending}
                    onClick={() => decide.mutate({ id: p.id, accept: false })}
                  >
                    {t("screen.calendar.dismiss")}
                  </Button>
                </>
              ),
            },
          ]}
        />
      )}
    </Block>
  );
}
