import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { Problem } from "../../api/problem";
import { rostersQuery } from "../../api/queries";
import { JobLine } from "../../app/jobs";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";
import { Comparison } from "../simulator/outcome";
import { useTrial } from "../simulator/use-trial";
import type { Document, Which } from "./model";

/** Plays today's load under the settings in force and under the proposed ones, with the same contacts. */
export function TryIt({ which, document, title }: { which: Which; document: Document; title: string }) {
  const t = useText();
  const session = useSession();
  const rosters = useQuery(rostersQuery).data ?? [];
  const { ask, job, trial } = useTrial();
  const roster = rosters.find((r) => r.status === "published") ?? rosters[0];
  if (!can(session, "simulations", "run") || !roster || which.kind === "partner") return null;
  const run = () =>
    ask.mutate({
      name: title,
      a: { roster_id: roster.id },
      b: { roster_id: roster.id, settings: [{ ...which, document }] },
    });
  return (
    <section className="routing-try">
      <Button onClick={run} loading={ask.isPending} disabled={Boolean(job) && !trial && !job?.error}>
        {t("screen.routing.try")}
      </Button>{" "}
      <span className="soft">{t("screen.routing.try_help", { roster: roster.name })}</span>
      {ask.error && <p className="job-failed">{problemText(t, Problem.of(ask.error))}</p>}
      {job && !trial && <JobLine job={job} />}
      {trial && (
        <>
          <div className="routing-outcome">
            <Comparison differences={trial.answer.differences ?? []} currency={trial.answer.currency} />
          </div>
          <Link to="/simulator" search={{ version: trial.id }}>
            {t("screen.routing.try_more")}
          </Link>
        </>
      )}
    </section>
  );
}
