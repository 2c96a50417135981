import type { Floor, FloorAgent } from "../../api/models";

/** A ratio as its two counts. */
interface Counted {
  within: number;
  of: number;
}

/** A client's day on the floor. */
export interface ClientLevel {
  client: string;
  now: Counted;
  /** At the day's end; only when every queue with contacts can be projected. */
  projected?: Counted;
  /** The goals of its queues, weighed by their contacts. */
  goal: number;
  waiting: number;
  longest: number;
  longestQueue: string;
  status: string;
}

const rank: Record<string, number> = { bad: 0, watch: 1, good: 2, unknown: 3 };

/** The queues of each client together, the worst first. */
export function levelsOf(floor: Floor): ClientLevel[] {
  const byClient = new Map<string, ClientLevel & { weight: number; complete: boolean }>();
  for (const q of floor.queues ?? []) {
    let row = byClient.get(q.client_id);
    if (!row) {
      row = {
        client: q.client_id,
        now: { within: 0, of: 0 },
        projected: { within: 0, of: 0 },
        goal: 0,
        waiting: 0,
        longest: 0,
        longestQueue: "",
        status: "unknown",
        weight: 0,
        complete: true,
      };
      byClient.set(q.client_id, row);
    }
    row.now.within += q.service_level.numerator;
    row.now.of += q.service_level.denominator;
    if (q.projected) {
      row.projected!.within += q.projected.numerator;
      row.projected!.of += q.projected.denominator;
    } else if (q.service_level.denominator > 0) row.complete = false;
    const weight = Math.max(1, q.projected?.denominator ?? q.service_level.denominator);
    row.goal = (row.goal * row.weight + Number(q.goal) * weight) / (row.weight + weight);
    row.weight += weight;
    row.waiting += q.waiting;
    if (q.waiting > 0 && q.longest_wait_seconds > row.longest) {
      row.longest = q.longest_wait_seconds;
      row.longestQueue = q.name;
    }
    if ((rank[q.status] ?? 3) < (rank[row.status] ?? 3)) row.status = q.status;
  }
  return [...byClient.values()]
    .map((row) => ({
      client: row.client,
      now: row.now,
      goal: row.goal,
      waiting: row.waiting,
      longest: row.longest,
      longestQueue: row.longestQueue,
      status: row.status,
      projected: row.complete && row.projected!.of > 0 ? row.projected : undefined,
    }))
    .sort((a, b) => (rank[a.status] ?? 3) - (rank[b.status] ?? 3));
}

/** Agents who do not follow the roster with the seconds since when, the longest first. */
export function outOf(floor: Floor): (Omit<FloorAgent, "since"> & { since: number })[] {
  const at = Date.parse(floor.at);
  return (floor.agents ?? [])
    .filter((agent) => agent.adherent === false)
    .map((agent) => ({
      ...agent,
      since: agent.out_since ? Math.max(0, (at - Date.parse(agent.out_since)) / 1000) : 0,
    }))
    .sort((a, b) => b.since - a.since);
}
