import { describe, expect, it } from "vitest";
import type { Floor } from "../../api/models";
import { levelsOf, outOf } from "./floor-day";

const queue = (part: object) => ({
  id: "q",
  name: "Q",
  client_id: "c",
  goal: "0.8",
  waiting: 0,
  longest_wait_seconds: 0,
  status: "good",
  service_level: { numerator: 0, denominator: 0 },
  ...part,
});
const floorOf = (part: object) =>
  ({ at: "2026-03-02T10:00:00Z", queues: [], agents: [], ...part }) as unknown as Floor;

describe("the team leader's day", () => {
  it("adds counts, never shares, and names the queue that waits longest", () => {
    const [bad, good] = levelsOf(
      floorOf({
        queues: [
          queue({ client_id: "good", service_level: { numerator: 9, denominator: 10 } }),
          queue({
            client_id: "bad",
            name: "Chat",
            status: "watch",
            service_level: { numerator: 8, denominator: 10 },
            projected: { numerator: 80, denominator: 100 },
            waiting: 1,
            longest_wait_seconds: 30,
          }),
          queue({
            client_id: "bad",
            name: "Hotline",
            status: "bad",
            goal: "0.9",
            service_level: { numerator: 10, denominator: 90 },
            projected: { numerator: 30, denominator: 300 },
            waiting: 4,
            longest_wait_seconds: 95,
          }),
        ],
      }),
    );
    expect(bad).toMatchObject({
      client: "bad",
      status: "bad",
      now: { within: 18, of: 100 },
      projected: { within: 110, of: 400 },
      waiting: 5,
      longest: 95,
      longestQueue: "Hotline",
    });
    expect(bad!.goal).toBeCloseTo((0.8 * 100 + 0.9 * 300) / 400);
    expect(good!.projected).toBeUndefined();
  });

  it("lists who is out, the longest first", () => {
    const agent = (id: string, adherent?: boolean, out_since?: string) => ({
      id,
      adherent,
      out_since,
      state: "ready",
    });
    const out = outOf(
      floorOf({
        agents: [
          agent("in", true),
          agent("short", false, "2026-03-02T09:59:00Z"),
          agent("long", false, "2026-03-02T09:30:00Z"),
          agent("no shift"),
        ],
      }),
    );
    expect(out.map((a) => [a.id, a.since])).toEqual([
      ["long", 1800],
      ["short", 60],
    ]);
  });
});
