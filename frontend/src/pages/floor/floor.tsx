import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, ConfigProvider, Segmented, theme as antTheme } from "antd";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { Floor, FloorAgent, FloorQueue } from "../../api/models";
import { floorQuery } from "../../api/queries";
import type { StreamEvent, StreamState } from "../../api/stream";
import { useStream } from "../../api/use-stream";
import { useClients, useFrame } from "../../app/frame";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { ClientName, StatusTag } from "../../components/status";
import { LiveTag } from "../../components/live";
import { useNow } from "../../components/use-now";
import { Why } from "../../components/why";
import { count, percent, share } from "../../format/number";
import { duration } from "../../format/time";
import { useText } from "../../text/text";
import { applyFloorEvent } from "./floor-events";
import "./floor.css";
import { DataTable } from "../../components/data-table";

/** Queues and agents as they are now; it updates by itself and says when it cannot. */
export default function FloorPage() {
  const { clientId } = useFrame();
  const query = floorQuery(clientId);
  const floor = useQuery({ ...query, refetchInterval: 15_000 });
  const queries = useQueryClient();
  const state = useStream(
    clientId ? `/api/v1/floor/stream?client=${clientId}` : "/api/v1/floor/stream",
    ["floor", "queue", "agent", "floor.queue", "floor.agent", "floor.snapshot"],
    (event: StreamEvent) =>
      queries.setQueryData(query.queryKey, (old: Floor | undefined) => old && applyFloorEvent(old, event)),
    () => void queries.invalidateQueries({ queryKey: query.queryKey }),
  );
  return <Loaded query={floor}>{(data) => <FloorView floor={data} state={state} />}</Loaded>;
}

function FloorView({ floor, state }: { floor: Floor; state: StreamState }) {
  const t = useText();
  const now = useNow();
  // The server's clock decides ages; the reader's may be wrong by minutes.
  const skew = useMemo(() => Date.parse(floor.at) - Date.now(), [floor.at]);
  const [wall, setWall] = useState(false);
  return (
    <Wall on={wall} onLeave={() => setWall(false)}>
      <PageHeader
        title={t("screen.page.floor")}
        facts={<LiveTag state={state} />}
        actions={
          <Button onClick={() => setWall(!wall)}>
            {t(wall ? "screen.floor.wall_leave" : "screen.floor.wall")}
          </Button>
        }
      />
      {floor.queues.length === 0 ? (
        <EmptyView title={t("screen.floor.no_queues")} advice={t("screen.floor.no_queues_advice")} />
      ) : (
        <QueueTable queues={floor.queues} />
      )}
      <AgentCells agents={floor.agents} now={now + skew} />
    </Wall>
  );
}

/** The dark, full-size variant for a screen on the wall; Escape leaves it. */
function Wall(props: { on: boolean; onLeave: () => void; children: ReactNode }) {
  const { on, onLeave } = props;
  useEffect(() => {
    if (!on) return;
    const leave = (event: KeyboardEvent) => {
      if (event.key === "Escape") onLeave();
    };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, [on, onLeave]);
  return (
    <ConfigProvider theme={on ? wallTheme : undefined}>
      <div className={on ? "wall" : undefined}>{props.children}</div>
    </ConfigProvider>
  );
}

const wallTheme = {
  algorithm: antTheme.darkAlgorithm,
  token: {
    fontSize: 15,
    colorText: "#e8edf0",
    colorTextSecondary: "#b4bfc7",
    colorBgContainer: "#17212b",
    colorPrimary: "#3fb3ab",
    colorBorder: "#44525e",
    colorBorderSecondary: "#2b3843",
  },
  components: {
    Table: { headerBg: "#1e2a35", headerColor: "#b4bfc7", rowHoverBg: "#223040" },
    Segmented: { trackBg: "#223040", itemSelectedBg: "#3a4a58", itemColor: "#b4bfc7" },
  },
};

const rank = { bad: 0, watch: 1, unknown: 2, good: 3 } as const;

function QueueTable({ queues }: { queues: FloorQueue[] }) {
  const t = useText();
  const clients = useClients();
  const right = { align: "right" as const };
  const sorted = [...queues].sort((a, b) => rank[a.status] - rank[b.status] || a.name.localeCompare(b.name));
  return (
    <Block flush>
      <DataTable<FloorQueue>
        rowKey="id"
        dataSource={sorted}
        columns={[
          {
            title: t("screen.floor.queue"),
            render: (_, q) => <strong>{q.name}</strong>,
          },
          {
            title: t("screen.shell.client"),
            render: (_, q) => (
              <ClientName name={clients.name(q.client_id)} color={clients.color(q.client_id)} />
            ),
          },
          { title: t("screen.floor.status"), render: (_, q) => <StatusTag status={q.status} /> },
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
                  { name: t("screen.measure.target"), value: percent(q.service_level.target) },
                ]}
              >
                {share(q.service_level.numerator, q.service_level.denominator)}
              </Why>
            ),
          },
          {
            title: t("screen.floor.projected"),
            ...right,
            render: (_, q) => share(q.projected.numerator, q.projected.denominator),
          },
          { title: t("screen.floor.target"), ...right, render: (_, q) => percent(q.service_level.target) },
          { title: t("screen.floor.offered"), ...right, render: (_, q) => count(q.offered) },
          { title: t("screen.floor.answered"), ...right, render: (_, q) => count(q.answered) },
          { title: t("screen.floor.abandoned"), ...right, render: (_, q) => count(q.abandoned) },
          { title: t("screen.floor.ready"), ...right, render: (_, q) => count(q.agents_ready) },
          { title: t("screen.floor.busy"), ...right, render: (_, q) => count(q.agents_busy) },
        ]}
      />
    </Block>
  );
}

type Sort = "state" | "team" | "name";

function AgentCells({ agents, now }: { agents: FloorAgent[]; now: number }) {
  const t = useText();
  const [sort, setSort] = useState<Sort>("state");
  const [only, setOnly] = useState<string>();
  const counts = useMemo(() => {
    const byState = new Map<string, number>();
    for (const agent of agents) byState.set(agent.state, (byState.get(agent.state) ?? 0) + 1);
    return [...byState.entries()].sort((a, b) => b[1] - a[1]);
  }, [agents]);
  const shown = useMemo(
    () =>
      agents
        .filter((agent) => !only || agent.state === only)
        .sort((a, b) => {
          const by = (x: FloorAgent) => (sort === "state" ? x.state : sort === "team" ? (x.team ?? "") : "");
          return by(a).localeCompare(by(b)) || a.label.localeCompare(b.label, undefined, { numeric: true });
        }),
    [agents, only, sort],
  );
  return (
    <Block
      title={t("screen.floor.agents", { count: agents.length })}
      extra={
        <Segmented
          aria-label={t("screen.floor.sort")}
          value={sort}
          onChange={setSort}
          options={(["state", "team", "name"] as const).map((s) => ({
            value: s,
            label: t(`screen.floor.sort_${s}`),
          }))}
        />
      }
    >
      <div className="floor-states" role="group" aria-label={t("screen.floor.states")}>
        {counts.map(([state, n]) => (
          <button
            key={state}
            type="button"
            className="plain"
            aria-pressed={only === state}
            onClick={() => setOnly(only === state ? undefined : state)}
          >
            <i className={`agent-mark agent-${state}`} aria-hidden />
            {t.of(`screen.agent_state.${state}`, state)} <strong>{n}</strong>
          </button>
        ))}
      </div>
      <ul className="floor-agents">
        {shown.map((agent) => (
          <li key={agent.id} className={agent.adherent === false ? "floor-agent floor-off" : "floor-agent"}>
            <span className="floor-agent-head">
              <strong>{agent.label}</strong> <span>{agent.name}</span>
            </span>
            <span className="floor-agent-state">
              <i className={`agent-mark agent-${agent.state}`} aria-hidden />
              {t.of(`screen.agent_state.${agent.state}`, agent.state)}
              <time>{duration((now - Date.parse(agent.since)) / 1000)}</time>
            </span>
            <span className="soft floor-agent-more">
              {agent.adherent === false && agent.planned
                ? `▲ ${t("screen.floor.planned", { activity: t.of(`screen.activity.${agent.planned}`, agent.planned) })}`
                : (agent.queue ?? agent.reason ?? agent.team)}
            </span>
          </li>
        ))}
      </ul>
    </Block>
  );
}
