import { Button } from "antd";
import type { FloorQueue, Status } from "../../api/models";
import { useClients } from "../../app/frame";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { ClientName, StatusTag } from "../../components/status";
import { Why } from "../../components/why";
import { count, NONE, percent, share } from "../../format/number";
import { duration } from "../../format/time";
import { useText } from "../../text/text";
import { useAsk } from "./act";

const rank = { bad: 0, watch: 1, unknown: 2, good: 3 } as const;

/** The queues, the worst first. */
export function QueueTable({ queues }: { queues: FloorQueue[] }) {
  const t = useText();
  const clients = useClients();
  const ask = useAsk();
  const right = { align: "right" as const };
  const sorted = [...queues].sort(
    (a, b) => rank[a.status as Status] - rank[b.status as Status] || a.name.localeCompare(b.name),
  );
  return (
    <Block flush>
      <DataTable<FloorQueue>
        rowKey="id"
        dataSource={sorted}
        columns={[
          {
            title: t("screen.floor.queue"),
            render: (_, q) => (
              <span className="floor-queue">
                <strong>{q.name}</strong>
                {q.raised !== 1000 && (
                  <span className="state-tag">{t("screen.floor.raised", { weight: q.raised / 1000 })}</span>
                )}
              </span>
            ),
          },
          {
            title: t("screen.shell.client"),
            render: (_, q) => (
              <ClientName name={clients.name(q.client_id)} color={clients.color(q.client_id)} />
            ),
          },
          { title: t("screen.floor.status"), render: (_, q) => <StatusTag status={q.status as Status} /> },
          {
            title: t("screen.floor.waiting"),
            ...right,
            render: (_, q) => (q.waiting > 0 ? <strong>{q.waiting}</strong> : 0),
          },
          {
            title: t("screen.floor.longest"),
            ...right,
            render: (_, q) => (q.waiting > 0 ? duration(q.longest_wait_seconds) : "–"),
          },
          {
            title: t("screen.floor.service_level"),
            ...right,
            render: (_, q) => (
              <Why
                title={t("screen.floor.service_level")}
                definition={t("screen.definition.service_level")}
                reasons={[
                  { name: t("screen.measure.numerator"), value: count(q.service_level.numerator) },
                  { name: t("screen.measure.denominator"), value: count(q.service_level.denominator) },
                ]}
              >
                {share(q.service_level.numerator, q.service_level.denominator)}
              </Why>
            ),
          },
          {
            title: t("screen.floor.projected"),
            ...right,
            render: (_, q) =>
              q.projected ? (
                <Why
                  title={t("screen.floor.projected")}
                  definition={t("screen.definition.projected")}
                  reasons={[
                    { name: t("screen.measure.numerator"), value: count(q.projected.numerator) },
                    { name: t("screen.measure.denominator"), value: count(q.projected.denominator) },
                    { name: t("screen.floor.goal"), value: percent(q.goal) },
                    { name: t("screen.floor.gap"), value: count(q.gap_agents, 1) },
                  ]}
                >
                  <span className={short(q) ? "floor-warning" : undefined}>
                    {share(q.projected.numerator, q.projected.denominator)}
                  </span>
                </Why>
              ) : (
                NONE
              ),
          },
          {
            title: t("screen.floor.gap"),
            ...right,
            render: (_, q) => (q.projected ? gapText(q.gap_agents) : NONE),
          },
          { title: t("screen.floor.offered"), ...right, render: (_, q) => count(q.offered) },
          { title: t("screen.floor.answered"), ...right, render: (_, q) => count(q.answered) },
          { title: t("screen.floor.abandoned"), ...right, render: (_, q) => count(q.abandoned) },
          { title: t("screen.floor.busy"), ...right, render: (_, q) => count(q.agents_busy) },
          { title: t("screen.floor.ready"), ...right, render: (_, q) => count(q.agents_ready) },
          ...(ask
            ? [
                {
                  title: "",
                  render: (_: unknown, q: FloorQueue) => (
                    <Button
                      size="small"
                      onClick={() =>
                        ask({ kind: "raise_queue", queue_id: q.id, weight: q.raised === 1000 ? 2000 : 1000 })
                      }
                    >
                      {t(q.raised === 1000 ? "screen.floor_verb.raise_queue" : "screen.floor.lower")}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Block>
  );
}

/** The day will end below the goal. */
function short(q: FloorQueue): boolean {
  const p = q.projected;
  return Boolean(p && p.denominator > 0 && p.numerator / p.denominator < Number(q.goal));
}

/** Agents missing with a plus in front of those to spare. */
function gapText(gap: number): string {
  return gap < 0 ? `+${count(-gap, 1)}` : gap > 0 ? `−${count(gap, 1)}` : "0";
}
