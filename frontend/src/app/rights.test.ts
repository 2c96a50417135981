import { describe, expect, it } from "vitest";
import { sessionOf } from "../testing/render";
import { pagesFor } from "./pages";
import { can } from "./rights";

describe("rights", () => {
  it("match object and action, or all of them", () => {
    expect(can(sessionOf({}, ["forecast:read"]), "forecast", "read")).toBe(true);
    expect(can(sessionOf({}, ["forecast:read"]), "forecast", "publish")).toBe(false);
    expect(can(sessionOf({}, ["*:read"]), "invoice", "read")).toBe(true);
    expect(can(sessionOf({}, ["*:read"]), "invoice", "issue")).toBe(false);
    expect(can(sessionOf({}, []), "invoice", "read")).toBe(false);
  });

  it("decide what the rail offers", () => {
    const paths = (rights: string[], part = {}) => pagesFor(sessionOf(part, rights)).map((p) => p.path);
    expect(paths(["forecast:read", "roster:read"])).toEqual(["/", "/forecast", "/roster"]);
    expect(paths(["scorecard:read"], { client_id: "c1" })).toEqual(["/", "/scorecard"]);
    expect(paths(["me:read", "roster:read"], { agent_id: "a1" })).toEqual(["/", "/week"]);
  });
});
