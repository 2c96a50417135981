import type { BoardStrip } from "../../api/models";
import { SLOT_MS, type StripData, type StripLane } from "../../components/roster-grid/strip";

/** What has a strip of its own. */
export type StripBy = "all" | "client" | "tier";

/** The strips of each client, or of each client and tier, in the server's order. */
export function lanesOf(
  strip: BoardStrip | undefined,
  by: StripBy,
  nameOf: (clientId: string) => string,
  tierName: (tier: string) => string,
): StripLane[] | undefined {
  if (!strip || by === "all" || strip.interval_minutes * 60_000 !== SLOT_MS) return undefined;
  const lanes = new Map<string, StripLane>();
  for (const line of strip.lines ?? []) {
    const tier = by === "tier" ? line.tier : undefined;
    const key = `${line.client_id}|${tier ?? ""}`;
    const slots = line.need?.length ?? 0;
    let lane = lanes.get(key);
    if (!lane)
      lanes.set(
        key,
        (lane = {
          key,
          name: nameOf(line.client_id),
          detail: tier && tierName(tier),
          data: empty(Date.parse(strip.origin), slots),
        }),
      );
    add(lane.data.required, line.need);
    add(lane.data.scheduled, line.scheduled);
    add(lane.data.under, line.under);
    add(lane.data.over, line.over);
  }
  return [...lanes.values()];
}

function empty(origin: number, slots: number): StripData {
  const agents = () => new Float32Array(slots);
  return { origin, required: agents(), scheduled: agents(), under: agents(), over: agents() };
}

function add(sum: Float32Array, more: number[] | null): void {
  more?.forEach((agents, k) => {
    sum[k]! += agents;
  });
}
