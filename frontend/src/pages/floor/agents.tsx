import { useQuery } from "@tanstack/react-query";
import { Button, Segmented, Select } from "antd";
import { useMemo, useState } from "react";
import type { Floor, FloorAgent } from "../../api/models";
import { teamsQuery } from "../../api/queries";
import { useClients } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block } from "../../components/page-header";
import { duration } from "../../format/time";
import { useText } from "../../text/text";
import { useAsk } from "./act";
import { useNames } from "./names";

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

/** The agents as cells; who may steer selects some and acts on them. */
export function AgentCells({ floor, now }: { floor: Floor; now: number }) {
  const agents = useMemo(() => floor.agents ?? [], [floor.agents]);
  const queues = floor.queues ?? [];
  const t = useText();
  const ask = useAsk();
  const [chosen, setChosen] = useState<string[]>([]);
  const session = useSession();
  const teams = useQuery({ ...teamsQuery, enabled: can(session, "people", "view") }).data;
  const place = (agent: FloorAgent) =>
    queues.find((queue) => queue.id === agent.queue)?.name ??
    teams?.find((team) => team.id === agent.team)?.name;
  const clients = useClients();
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
      {ask && chosen.length > 0 && (
        <AgentActions floor={floor} chosen={chosen} onDone={() => setChosen([])} />
      )}
      <ul className="floor-agents">
        {shown.map((agent) => (
          <li
            key={agent.id}
            className={agent.adherent === false ? "floor-agent floor-off" : "floor-agent"}
            data-chosen={chosen.includes(agent.id)}
          >
            {ask && !agent.source && (
              <input
                type="checkbox"
                className="floor-choose"
                aria-label={t("screen.floor.choose", { agent: agent.label })}
                checked={chosen.includes(agent.id)}
                onChange={() =>
                  setChosen((list) =>
                    list.includes(agent.id) ? list.filter((id) => id !== agent.id) : [...list, agent.id],
                  )
                }
              />
            )}
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
                : (place(agent) ?? "")}
              {agent.source && (
                <span
                  className="floor-source"
                  title={t(agent.stale ? "screen.floor.source_stale" : "screen.floor.source", {
                    feed: agent.source,
                  })}
                >
                  {` ⇥ ${agent.source}${agent.stale ? ` (${t("screen.feed.stale")})` : ""}`}
                </span>
              )}
              {agent.slice && (
                <span
                  className="floor-slice"
                  title={t("screen.floor.slice", { client: clients.name(agent.slice) })}
                  style={{ background: clients.color(agent.slice) }}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
    </Block>
  );
}

/** What can be done to the chosen agents. */
function AgentActions(props: { floor: Floor; chosen: string[]; onDone: () => void }) {
  const { floor, chosen, onDone } = props;
  const t = useText();
  const ask = useAsk();
  const names = useNames(floor);
  const clients = [...new Set((floor.queues ?? []).map((queue) => queue.client_id))];
  return (
    <div
      className="floor-toolbar"
      role="toolbar"
      aria-label={t("screen.floor.agents_count", { count: chosen.length })}
    >
      <strong>{t("screen.floor.agents_count", { count: chosen.length })}</strong>
      <Select
        placeholder={t("screen.floor.work_for")}
        aria-label={t("screen.floor.work_for")}
        value={null}
        popupMatchSelectWidth={false}
        options={[
          { value: "", label: t("screen.floor.any_client") },
          ...clients.map((id) => ({ value: id, label: names.client(id) })),
        ]}
        onChange={(id: string) =>
          ask?.({ kind: "slice_agents", agents: chosen, ...(id && { client_id: id }) })
        }
      />
      <Select
        placeholder={t("screen.floor.move_to")}
        aria-label={t("screen.floor.move_to")}
        value={null}
        popupMatchSelectWidth={false}
        options={(floor.pools ?? []).map((pool) => ({ value: pool.slug, label: names.pool(pool.slug) }))}
        onChange={(slug: string) => ask?.({ kind: "move_agents", agents: chosen, pool: slug })}
      />
      <Select
        placeholder={t("screen.floor.set_state")}
        aria-label={t("screen.floor.set_state")}
        value={null}
        popupMatchSelectWidth={false}
        options={["ready", "break", "meal", "training", "meeting", "office", "off"].map((state) => ({
          value: state,
          label: t.of(`screen.agent_state.${state}`, state),
        }))}
        onChange={(state: string) =>
          ask?.(
            state === "ready" || state === "off"
              ? { kind: "set_state", agents: chosen, state }
              : {
                  kind: "set_state",
                  agents: chosen,
                  state: "not_ready",
                  reason: state as "break" | "meal" | "training" | "meeting" | "office",
                },
          )
        }
      />
      <Button size="small" onClick={onDone}>
        {t("screen.floor.cancel")}
      </Button>
    </div>
  );
}
