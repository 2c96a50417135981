import type { Floor, FloorAgent, FloorQueue } from "../../api/models";
import type { StreamEvent } from "../../api/stream";

/** Replaces the entry with the same id, or adds it. */
function upsert<T extends { id: string }>(list: T[], item: T): T[] {
  const at = list.findIndex((old) => old.id === item.id);
  if (at < 0) return [...list, item];
  const next = list.slice();
  next[at] = { ...list[at], ...item };
  return next;
}

/** The floor after an event: a whole snapshot, one queue or one agent. */
export function applyFloorEvent(floor: Floor, event: StreamEvent): Floor {
  switch (event.type) {
    case "floor":
    case "floor.snapshot":
      return event.data as Floor;
    case "queue":
    case "floor.queue":
      return {
        ...floor,
        seq: event.seq,
        at: event.at,
        queues: upsert(floor.queues, event.data as FloorQueue),
      };
    case "agent":
    case "floor.agent":
      return {
        ...floor,
        seq: event.seq,
        at: event.at,
        agents: upsert(floor.agents, event.data as FloorAgent),
      };
    default:
      return floor;
  }
}
