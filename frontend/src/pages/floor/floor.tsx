import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, ConfigProvider, Segmented, theme as antTheme } from "antd";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { Floor, FloorAgent, FloorQueue, Status } from "../../api/models";
import { floorQuery, teamsQuery } from "../../api/queries";
import type { StreamEvent, StreamState } from "../../api/stream";
import { useStream } from "../../api/use-stream";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { ClientName, StatusTag } from "../../components/status";
import { LiveTag } from "../../components/live";
import { useNow } from "../../components/use-now";
import { Why } from "../../components/why";
import { count, share } from "../../format/number";
import { duration } from "../../format/time";
import { useText } from "../../text/text";
import "./floor.css";
import { DataTable } from "../../components/data-table";

/** Queues and agents as they are now; it updates by itself and says when it cannot. */
export default function FloorPage() {
  const { clientId } = useFrame();
  const query = floorQuery(clientId);
  const floor = useQuery({ ...query, refetchInterval: 15_000 });
  const queries = useQueryClient();
  const state = useStream(
    "/api/v1/floor/stream",
    ["floor"],
    (event: StreamEvent) => {
      // The stream tells of all that the reader may see; a narrower scope asks again.
      if (clientId) void queries.invalidateQueries({ queryKey: query.queryKey });
      else queries.setQueryData(query.queryKey, event.data as Floor);
    },
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
  const queues = floor.queues ?? [];
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
      {queues.length === 0 ? (
        <EmptyView title={t("screen.floor.no_queues")} advice={t("screen.floor.no_queues_advice")} />
      ) : (
        <QueueTable queues={queues} />
      )}
      <AgentCells agents={floor.agents ?? []} queues={queues} now={now + skew} />
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
            render: (_, q) => <strong>{q.name}</strong>,
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
          { title: t("screen.floor.offered"), ...right, render: (_, q) => count(q.offered) },
          { title: t("screen.floor.answered"), ...right, render: (_, q) => count(q.answered) },
          { title: t("screen.floor.abandoned"), ...right, render: (_, q) => count(q.abandoned) },
          { title: t("screen.floor.busy"), ...right, render: (_, q) => count(q.agents_busy) },
        ]}
      />
    </Block>
  );
}

type Sort = "state" | "team" | "name";

/**
 * What an agent does, in one word: on a contact, or else the reason of a pause,
 * or else the state.
 */
export function activityOf(agent: Pick<FloorAgent, "state" | "reason" | "queue">): string {
  if (agent.queue) return "busy";
  if (agent.state === "not_ready") return agent.reason || "not_ready";
  return agent.state;
}

function AgentCells(props: { agents: FloorAgent[]; queues: FloorQueue[]; now: number }) {
  const { agents, queues, now } = props;
  const t = useText();
  const session = useSession();
  const teams = useQuery({ ...teamsQuery, enabled: can(session, "people", "view") }).data;
  const place = (agent: FloorAgent) =>
    queues.find((queue) => queue.id === agent.queue)?.name ??
    teams?.find((team) => team.id === agent.team)?.name;
  const [sort, setSort] = useState<Sort>("state");
  const [only, setOnly] = useState<string>();
  const counts = useMemo(() => {
    const byState = new Map<string, number>();
    for (const agent of agents) byState.set(activityOf(agent), (byState.get(activityOf(agent)) ?? 0) + 1);
    return [...byState.entries()].sort((a, b) => b[1] - a[1]);
  }, [agents]);
  const shown = useMemo(
    () =>
      agents
        .filter((agent) => !only || activityOf(agent) === only)
        .sort((a, b) => {
          const by = (x: FloorAgent) =>
            sort === "state" ? activityOf(x) : sort === "team" ? (x.team ?? "") : "";
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
              <i className={`agent-mark agent-${activityOf(agent)}`} aria-hidden />
              {t.of(`screen.agent_state.${activityOf(agent)}`, activityOf(agent))}
              <time>{duration((now - Date.parse(agent.since)) / 1000)}</time>
            </span>
            <span className="soft floor-agent-more">
              {agent.adherent === false && agent.planned
                ? `▲ ${t("screen.floor.planned", { activity: t.of(`screen.activity.${agent.planned}`, agent.planned) })}`
                : place(agent)}
            </span>
          </li>
        ))}
      </ul>
    </Block>
  );
}
