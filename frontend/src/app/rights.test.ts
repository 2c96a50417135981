import { describe, expect, it } from "vitest";
import { sessionOf } from "../testing/render";
import { pagesFor } from "./pages";
import { can, ownClient } from "./rights";

describe("rights", () => {
  it("match object and action", () => {
    const session = sessionOf({}, ["forecasts:view"]);
    expect(can(session, "forecasts", "view")).toBe(true);
    expect(can(session, "forecasts", "publish")).toBe(false);
    expect(can(session, "invoices", "view")).toBe(false);
    expect(can({ ...session, permissions: null }, "forecasts", "view")).toBe(false);
  });

  it("decide what the rail offers", () => {
    const paths = (rights: string[], part = {}) => pagesFor(sessionOf(part, rights)).map((p) => p.path);
    expect(paths(["forecasts:view", "rosters:view"])).toEqual([
      "/",
      "/forecast",
      "/roster",
      "/day",
      "/commitments",
    ]);
    expect(paths(["scorecards:view"])).toEqual(["/", "/scorecard"]);
    expect(paths(["desk:view", "rosters:view"], { agent_id: "a1" })).toEqual(["/", "/week"]);
  });

  it("show whose people they are only when all lie within one client", () => {
    const at = (...domains: string[]) => ({
      ...sessionOf(),
      permissions: domains.map((domain) => ({ object: "scorecards", action: "view", domain })),
    });
    expect(ownClient(at("client:c1", "client:c1", "self"))).toBe("c1");
    expect(ownClient(at("client:c1", "client:c2"))).toBeUndefined();
    expect(ownClient(at("client:c1", "provider"))).toBeUndefined();
    expect(ownClient(at("provider"))).toBeUndefined();
    expect(ownClient(at("site:s1"))).toBeUndefined();
  });
});
