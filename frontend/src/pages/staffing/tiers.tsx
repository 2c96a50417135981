import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Plan, TierAnswer } from "../../api/models";
import { tierStudiesQuery } from "../../api/queries";
import { JobLine, madeBy, useJob, useRunning } from "../../app/jobs";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block } from "../../components/page-header";
import { ProblemView } from "../../components/states";
import { count, percent } from "../../format/number";
import { dayLabel, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";

/** Splits an interval's requirement between tiers: bounds by formula, seats by simulation, as work that is kept. */
export function Tiers(props: { plan: Plan; at: string | undefined; zone: string }) {
  const session = useSession();
  return can(session, "staffing", "edit") ? <Studies {...props} /> : null;
}

function Studies({ plan, at, zone }: { plan: Plan; at: string | undefined; zone: string }) {
  const t = useText();
  const queries = useQueryClient();
  const studies = useQuery(tierStudiesQuery(plan.id)).data ?? [];
  const [started, setStarted] = useState<string>();
  const running = useRunning("staffing.tiers");
  const job = useJob(started ?? running?.id).data;
  const settle = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/staffing/plans/{id}/tier-studies", {
          params: { path: { id: plan.id } },
          body: { at },
        }),
      ),
    onSuccess: (made) => setStarted(made.id),
  });
  const made = madeBy(job);
  useEffect(() => {
    if (made) void queries.invalidateQueries({ queryKey: ["tier-studies"] });
  }, [made, queries]);
  const time = (start: string) => `${dayLabel(start, zone)} ${timeOfDay(start, zone)}`;
  const same = (start: string) => at !== undefined && Date.parse(start) === Date.parse(at);
  const shown = studies.find((study) => same(study.start_at)) ?? studies.find((study) => study.id === made);
  const busy = job && (job.status === "waiting" || job.status === "running");
  return (
    <Block title={t("screen.tiers.title")}>
      {shown ? (
        <>
          <p className="soft">{time(shown.start_at)}</p>
          <Answer answer={shown.answer} />
        </>
      ) : (
        <p className="soft">{t("screen.tiers.help")}</p>
      )}
      {settle.isError && <ProblemView problem={settle.error} />}
      {job && job.status !== "done" && job.status !== "cancelled" && <JobLine job={job} />}
      <div style={{ marginTop: 8 }}>
        <Button disabled={!at || busy} loading={settle.isPending} onClick={() => settle.mutate()}>
          {at ? t("screen.tiers.split", { time: time(at) }) : t("screen.tiers.choose")}
        </Button>
      </div>
    </Block>
  );
}

function Answer({ answer }: { answer: TierAnswer }) {
  const t = useText();
  const tiers = new Map<string, number>();
  for (const group of answer.groups ?? []) tiers.set(group.tier, (tiers.get(group.tier) ?? 0) + group.seats);
  const row = (name: string, value: string, strong = false) => (
    <div key={name}>
      <dt>{name}</dt>
      <dd>{strong ? <strong>{value}</strong> : value}</dd>
    </div>
  );
  return (
    <>
      <dl className="reason">
        {["junior", "middle", "expert"]
          .filter((tier) => tiers.has(tier))
          .map((tier) => row(t.of(`screen.tier.${tier}`, tier), count(tiers.get(tier)), true))}
        {row(t("screen.tiers.seats"), count(answer.seats), true)}
        {row(t("screen.tiers.pooled"), count(answer.pooled))}
        {row(t("screen.tiers.separate"), count(answer.separate))}
        {(answer.queues ?? []).map((queue) => row(queue.queue, percent(queue.service_level)))}
      </dl>
      <p className="soft">
        {t(answer.met ? "screen.tiers.met" : "screen.tiers.missed", { count: count(answer.simulations) })}
      </p>
    </>
  );
}
