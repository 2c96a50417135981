import { describe, expect, it } from "vitest";
import type { Floor, FloorQueue } from "../../api/models";
import { applyFloorEvent } from "./floor-events";

const queue = (id: string, waiting: number) => ({ id, name: id, waiting }) as FloorQueue;
const floor: Floor = { at: "t0", seq: 1, queues: [queue("q1", 0), queue("q2", 3)], agents: [] };
const event = (type: string, data: unknown) => ({
  id: "e",
  type,
  v: 1,
  at: "t1",
  subject: "",
  seq: 2,
  data,
});

describe("floor events", () => {
  it("replace one queue and keep the others", () => {
    const next = applyFloorEvent(floor, event("floor.queue", { id: "q1", waiting: 5 }));
    expect(next.queues.map((q) => q.waiting)).toEqual([5, 3]);
    expect(next.queues[0]!.name).toBe("q1");
    expect(next).toMatchObject({ at: "t1", seq: 2 });
    expect(floor.queues[0]!.waiting).toBe(0);
  });

  it("add a queue that is new", () => {
    expect(applyFloorEvent(floor, event("floor.queue", queue("q3", 1))).queues).toHaveLength(3);
  });

  it("take a whole snapshot", () => {
    const snapshot = { ...floor, queues: [] };
    expect(applyFloorEvent(floor, event("floor.snapshot", snapshot))).toBe(snapshot);
  });

  it("ignore what they do not know", () => {
    expect(applyFloorEvent(floor, event("weather", {}))).toBe(floor);
  });
});
