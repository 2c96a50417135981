import type { Floor, FloorAction, FloorAlert } from "../../api/models";
import { useClients } from "../../app/frame";
import { NONE, percent } from "../../format/number";
import { duration } from "../../format/time";
import { type Text, useText } from "../../text/text";

/** Names of what the floor speaks of by id. */
export interface Names {
  queue: (id: string | undefined) => string;
  agent: (id: string) => string;
  pool: (slug: string | undefined) => string;
  client: (id: string | undefined) => string;
}

export function useNames(floor: Floor): Names {
  const t = useText();
  const clients = useClients();
  const queue = (id: string | undefined) => floor.queues?.find((q) => q.id === id)?.name ?? NONE;
  const agent = (id: string) => {
    const found = floor.agents?.find((a) => a.id === id);
    return found ? [found.label, found.name].filter(Boolean).join(" ") : NONE;
  };
  const pool = (slug: string | undefined) => {
    const found = floor.pools?.find((p) => p.slug === slug);
    if (found?.name) return found.name;
    if (found?.client_id) return t("screen.floor.pool_own", { client: clients.name(found.client_id) });
    return slug === "shared" ? t("screen.floor.pool_shared") : (slug ?? NONE);
  };
  return { queue, agent, pool, client: clients.name };
}

/** What an alert is about, by name. */
export function subjectOf(alert: FloorAlert, names: Names): string {
  const at = alert.subject.indexOf("/");
  const [kind, id] = [alert.subject.slice(0, at), alert.subject.slice(at + 1)];
  if (kind === "queue") return names.queue(id);
  if (kind === "agent") return names.agent(id);
  if (kind === "pool") return names.pool(id);
  if (kind === "client") return names.client(id);
  return id;
}

/** What an alert says, in one sentence with its figures. */
export function sentenceOf(alert: FloorAlert, t: Text): string {
  const asShare = alert.rule === "service_level" || alert.rule === "projected";
  const show = (value: number) =>
    asShare ? percent(value) : alert.rule === "oldest" ? duration(value) : String(value);
  return t.of(`screen.alert.${alert.rule}`, alert.rule, {
    value: show(alert.value),
    threshold: show(alert.threshold),
  });
}

/** What an action does and to how many, in one line. */
export function lineOf(action: FloorAction, names: Names, t: Text): string {
  const agents = action.agents ?? [];
  const who =
    agents.length === 1 && agents[0]
      ? names.agent(agents[0])
      : t("screen.floor.agents_count", { count: agents.length });
  const key = action.kind === "slice_agents" && !action.client_id ? "unslice_agents" : action.kind;
  return t.of(`screen.floor_action.${key}`, action.kind, {
    pool: names.pool(action.pool),
    queue: names.queue(action.queue_id),
    client: names.client(action.client_id),
    who,
    weight: ((action.weight ?? 1000) / 1000).toString(),
    state: action.reason
      ? t.of(`screen.agent_state.${action.reason}`, action.reason)
      : t.of(`screen.agent_state.${action.state}`, action.state ?? ""),
  });
}
