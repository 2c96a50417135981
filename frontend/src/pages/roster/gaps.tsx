import { useQueries } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useState } from "react";
import type { Roster } from "../../api/models";
import { queuesQuery } from "../../api/queries";
import { useClients } from "../../app/frame";
import { Fact } from "../../components/page-header";
import { ClientName } from "../../components/status";
import { count, share } from "../../format/number";
import { dayLabel, hours, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";

/** What the roster leaves open and which rules it breaks: the sums, and on click each of them. */
export function Gaps({ roster }: { roster: Roster }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const { summary } = roster;
  const uncovered = summary.required_minutes - summary.met_minutes;
  return (
    <>
      <button type="button" className="plain why-button" onClick={() => setOpen(true)}>
        <Fact name={t("screen.roster.uncovered")}>
          {t("screen.roster.uncovered_value", {
            hours: hours(uncovered * 60),
            share: share(uncovered, summary.required_minutes),
          })}
        </Fact>
        {" · "}
        <Fact name={t("screen.roster.violations")}>{count(summary.violation_count)}</Fact>
      </button>
      <Drawer open={open} onClose={() => setOpen(false)} size={520} title={t("screen.roster.gaps")}>
        {open && <GapList roster={roster} />}
      </Drawer>
    </>
  );
}

function GapList({ roster }: { roster: Roster }) {
  const t = useText();
  const clients = useClients();
  const { summary, zone } = roster;
  const clientIds = [...new Set((summary.queues ?? []).map((queue) => queue.client_id))];
  const queues = useQueries({ queries: clientIds.map((id) => queuesQuery(id)) }).flatMap((q) => q.data ?? []);
  const queueName = (id: string) => queues.find((queue) => queue.id === id)?.name ?? "";
  const place = (clientId: string, queueId: string) => (
    <ClientName name={`${clients.name(clientId)} · ${queueName(queueId)}`} color={clients.color(clientId)} />
  );
  return (
    <div className="shift-panel">
      <table>
        <caption>{t("screen.roster.by_queue")}</caption>
        <thead>
          <tr>
            <th>{t("screen.forecast.queue")}</th>
            <th className="num">{t("screen.roster.required_hours")}</th>
            <th className="num">{t("screen.roster.met")}</th>
          </tr>
        </thead>
        <tbody>
          {(summary.queues ?? []).map((queue) => (
            <tr key={queue.queue_id}>
              <td>{place(queue.client_id, queue.queue_id)}</td>
              <td className="num">{hours(queue.required * 60)}</td>
              <td className="num">{share(queue.met, queue.required)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <caption>{t("screen.roster.holes", { count: count(summary.unmet_count) })}</caption>
        <tbody>
          {(summary.unmet ?? []).slice(0, 100).map((hole) => (
            <tr key={hole.queue_id + hole.start_at}>
              <td>
                {dayLabel(hole.start_at, zone)} {timeOfDay(hole.start_at, zone)}–
                {timeOfDay(hole.end_at, zone)}
              </td>
              <td>{place(hole.client_id, hole.queue_id)}</td>
              <td className="num shift-violation">−{hole.missing}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <caption>{t("screen.roster.broken", { count: count(summary.violation_count) })}</caption>
        <tbody>
          {(summary.violations ?? []).slice(0, 100).map((violation, i) => (
            <tr key={i}>
              <td>
                {violation.hard ? "▲ " : ""}
                {t.of(`screen.violation.${violation.rule}`, violation.rule)}
              </td>
              <td>{violation.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {(summary.proofs ?? []).map((proof, i) => (
        <p key={i}>{proof.reason}</p>
      ))}
    </div>
  );
}
