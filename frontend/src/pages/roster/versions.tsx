import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Publication, Roster } from "../../api/models";
import { Problem } from "../../api/problem";
import { publicationQuery } from "../../api/queries";
import { useJob } from "../../app/jobs";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Loaded, problemText } from "../../components/states";
import { count } from "../../format/number";
import { useClients } from "../../app/frame";
import { ClientName } from "../../components/status";
import { percent } from "../../format/number";
import { hours } from "../../format/time";
import { useText } from "../../text/text";

/** The one step that a version can take next, by its state and the reader's rights. */
export function NextStep(props: { roster: Roster; show: (rosterId: string) => void }) {
  const t = useText();
  const session = useSession();
  const { roster } = props;
  const [publishing, setPublishing] = useState(false);
  if (roster.status === "draft")
    return can(session, "rosters", "publish") ? (
      <>
        <Button type="primary" onClick={() => setPublishing(true)}>
          {t("screen.roster.publish")}
        </Button>
        <Publish roster={roster} open={publishing} close={() => setPublishing(false)} />
      </>
    ) : null;
  return can(session, "rosters", "edit") ? <Revise {...props} /> : null;
}

/** A version that is in force is edited in a copy. */
function Revise({ roster, show }: { roster: Roster; show: (rosterId: string) => void }) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId).data;
  const revise = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/rosters/{id}/revisions", { params: { path: { id: roster.id } } })),
    onSuccess: (made) => setJobId(made.id),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const told = useRef<string>(undefined);
  useEffect(() => {
    const id = (job?.result as { id?: string } | undefined)?.id;
    if (job?.status !== "done" || !id || told.current === id) return;
    told.current = id;
    void queries.invalidateQueries({ queryKey: ["rosters"], exact: true }).then(() => show(id));
  }, [job, queries, show]);
  const busy =
    revise.isPending || (jobId !== undefined && job?.status !== "done" && job?.status !== "failed");
  return (
    <Button type="primary" loading={busy} onClick={() => revise.mutate()}>
      {t("screen.roster.revise")}
    </Button>
  );
}

/** What publishing means, before it is done. */
function Publish(props: { roster: Roster; open: boolean; close: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { roster } = props;
  const meaning = useQuery({ ...publicationQuery(roster.id), enabled: props.open });
  const publish = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/rosters/{id}/publish", { params: { path: { id: roster.id } } })),
    onSuccess: () => {
      void message.success(t("screen.roster.published"));
      props.close();
      return queries.invalidateQueries({ queryKey: ["rosters"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const told = meaning.data?.told?.length ?? 0;
  return (
    <Modal
      open={props.open}
      title={t("screen.roster.publish_title", { name: roster.name, version: roster.version })}
      okText={t("screen.roster.publish_tell", { count: count(told) })}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !meaning.data || meaning.data.moved > 0, loading: publish.isPending }}
      onOk={() => publish.mutate()}
      onCancel={props.close}
    >
      <Loaded query={meaning} skeleton={<div className="skeleton" style={{ height: 90 }} />}>
        {(m) => (
          <div className="publication">
            <p>
              <strong>{t("screen.roster.told", { count: count(told) })}</strong>{" "}
              {t("screen.roster.publish_consequence")}
            </p>
            {m.moved > 0 && (
              <p className="judgement-bad">▲ {t("screen.roster.moves_past", { count: count(m.moved) })}</p>
            )}
            {m.hard > 0 && (
              <p className="judgement-bad">▲ {t("screen.roster.hard_open", { count: count(m.hard) })}</p>
            )}
            <p>{t("screen.roster.uncovered_open", { hours: hours(m.uncovered * 60) })}</p>
            {!m.simulated && <p>△ {t("screen.service.none")}</p>}
            {m.stale && <p>△ {t("screen.service.stale")}</p>}
            {m.simulated && <Expected meaning={m} />}
          </div>
        )}
      </Loaded>
    </Modal>
  );
}

/** What the last test on the routing engine expects for each client. */
function Expected({ meaning }: { meaning: Publication }) {
  const t = useText();
  const clients = useClients();
  return (
    <table className="side-table">
      <caption>
        {t("screen.service.days", { from: meaning.from ?? "", count: meaning.days })} ·{" "}
        {t("screen.service.absent", { absent: percent(meaning.absent) })}
      </caption>
      <thead>
        <tr>
          <th>{t("screen.service.client")}</th>
          <th className="num">{t("screen.service.expected")}</th>
          <th className="num">{t("screen.service.band")}</th>
        </tr>
      </thead>
      <tbody>
        {(meaning.expected ?? []).map((row) => (
          <tr key={row.client_id}>
            <td>
              <ClientName name={clients.name(row.client_id)} color={clients.color(row.client_id)} />
            </td>
            <td className="num">{percent(row.service_level.mean)}</td>
            <td className="num">
              {percent(row.service_level.low)}–{percent(row.service_level.high)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Locks a published version, or gives a locked one back: a right of its own, and audited. */
export function useLocking(roster: Roster) {
  const t = useText();
  const session = useSession();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const step = useMutation({
    mutationFn: (verb: "lock" | "unlock") =>
      unwrap(
        verb === "lock"
          ? client.POST("/api/v1/rosters/{id}/lock", { params: { path: { id: roster.id } } })
          : client.POST("/api/v1/rosters/{id}/unlock", { params: { path: { id: roster.id } } }),
      ),
    onSuccess: (_, verb) => {
      void message.success(t(verb === "lock" ? "screen.roster.locked" : "screen.roster.unlocked"));
      return queries.invalidateQueries({ queryKey: ["rosters"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const ask = (verb: "lock" | "unlock") =>
    void modal.confirm({
      title: t(verb === "lock" ? "screen.roster.lock" : "screen.roster.unlock"),
      content: t(verb === "lock" ? "screen.roster.lock_consequence" : "screen.roster.unlock_consequence"),
      okText: t(verb === "lock" ? "screen.roster.lock" : "screen.roster.unlock"),
      cancelText: t("screen.action.cancel"),
      onOk: () => step.mutateAsync(verb),
    });
  return {
    lock: roster.status === "published" && can(session, "rosters", "lock") ? () => ask("lock") : undefined,
    unlock: roster.status === "locked" && can(session, "rosters", "unlock") ? () => ask("unlock") : undefined,
  };
}
