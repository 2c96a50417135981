import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { client, items, unwrap } from "../../api/client";
import { queuesQuery } from "../../api/queries";
import { useFrame } from "../../app/frame";
import { JobLine } from "../../app/jobs";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { dateTime, deviceZone } from "../../format/time";
import { useText } from "../../text/text";
import { NewTrial } from "./new-trial";
import { Outcome } from "./outcome";
import { trialQuery, useTrial } from "./use-trial";
import "./simulator.css";

/** Days played on the routing engine before anybody lives them. */
export default function SimulatorPage() {
  const t = useText();
  const session = useSession();
  const navigate = useNavigate();
  const { version } = useSearch({ from: "__root__" });
  const [asking, setAsking] = useState(false);
  const trying = useTrial();
  const list = useQuery({
    queryKey: ["trials"],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/trials", { params: { query: { limit: 50 } } }))),
  });
  const open = (id: string) => void navigate({ to: ".", search: (old: object) => ({ ...old, version: id }) });
  useEffect(() => {
    if (!trying.made) return;
    setAsking(false);
    void navigate({ to: ".", search: (old: object) => ({ ...old, version: trying.made }) });
  }, [trying.made, navigate]);
  const chosen = version ?? list.data?.[0]?.id;
  const button = can(session, "simulations", "run") && (
    <Button type="primary" onClick={() => setAsking(true)}>
      {t("screen.trial.new")}
    </Button>
  );
  const running = trying.job && trying.job.status !== "done" && !asking;
  return (
    <>
      <PageHeader title={t("screen.page.simulator")} actions={button} />
      {running && trying.job && <JobLine job={trying.job} />}
      <Loaded query={list}>
        {(trials) =>
          trials.length === 0 ? (
            <EmptyView title={t("screen.trial.none")} advice={t("screen.trial.none_advice")} />
          ) : (
            <div className="simulator">
              <nav aria-label={t("screen.trial.all")}>
                <ul className="trial-list">
                  {trials.map((trial) => (
                    <li key={trial.id}>
                      <button
                        type="button"
                        className="plain"
                        aria-current={trial.id === chosen ? "page" : undefined}
                        onClick={() => open(trial.id)}
                      >
                        {trial.name || t("screen.trial.unnamed")}
                        <br />
                        <span className="soft">{dateTime(trial.created_at, deviceZone())}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              </nav>
              <div>{chosen && <Chosen id={chosen} />}</div>
            </div>
          )
        }
      </Loaded>
      {asking && <NewTrial trying={trying} onClose={() => setAsking(false)} />}
    </>
  );
}

function Chosen({ id }: { id: string }) {
  const { clients } = useFrame();
  const queues = useQueries({ queries: clients.map((c) => queuesQuery(c.id)) }).flatMap((q) => q.data ?? []);
  const trial = useQuery(trialQuery(id));
  return (
    <Loaded query={trial}>
      {(found) => (
        <Outcome
          key={id}
          trial={found}
          queueName={(name) => queues.find((q) => q.id === name)?.name ?? name}
        />
      )}
    </Loaded>
  );
}
