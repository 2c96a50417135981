import { describe, expect, it } from "vitest";
import { addressOf, documentOf, nameOf, partsOf, whichOf } from "./model";

describe("routing settings", () => {
  it("are found by their address, and by nothing else", () => {
    expect(whichOf("queue:123")).toEqual({ kind: "queue", key: "123" });
    expect(addressOf({ kind: "pool", key: "gold" })).toBe("pool:gold");
    for (const wrong of [undefined, "", "queue", "queue:", "fax:1"])
      expect(whichOf(wrong)).toEqual({ kind: "provider", key: "provider" });
  });

  it("are sent without what is empty, but with zeros and every row of a list", () => {
    expect(
      documentOf({
        strategy: undefined,
        no_wrap: false,
        script: "",
        no_answer: { pause_seconds: null },
        needs: [],
        ladder: [
          { kind: "widen", after_seconds: 0, tiers: [], pools: ["own"] },
          { kind: "callback", after_seconds: 60, partner: null },
        ],
      }),
    ).toEqual({
      ladder: [
        { kind: "widen", after_seconds: 0, pools: ["own"] },
        { kind: "callback", after_seconds: 60 },
      ],
    });
    expect(documentOf({ shares: [{}] })).toEqual({ shares: [{}] });
  });

  it("name their fields as the form does", () => {
    expect(nameOf("ladder.1.after_seconds")).toEqual(["ladder", 1, "after_seconds"]);
    expect(partsOf("ladder.1.after_seconds")).toEqual({ list: "ladder", position: 1, name: "after_seconds" });
    expect(partsOf("ladder.1.pools.0")).toEqual({ list: "ladder", position: 1, name: "pools" });
    expect(partsOf("no_answer.pause_seconds")).toEqual({
      list: undefined,
      position: undefined,
      name: "pause_seconds",
    });
  });
});
