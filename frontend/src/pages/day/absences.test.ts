import { describe, expect, it } from "vitest";
import { resolve, search, type Working } from "./absences";

const one = (id: string, number: string, name: string): Working => ({
  agent: { id, number, label: number, name, skills: "", templates: [] },
  shift: {
    id,
    agent_id: id,
    business_date: "2026-11-23",
    start: "2026-11-23T00:00:00Z",
    end: "2026-11-23T08:00:00Z",
    activities: [],
  },
});
const working = [one("a", "1001", "王芳"), one("b", "1002", "Li Wei"), one("c", "1003", "Li Wei")];
const ids = (list: Working[]) => list.map(({ agent }) => agent.id);

describe("a pasted list", () => {
  it("finds numbers, labels and names, in both scripts and with any separator", () => {
    const read = resolve("1001, 1003；王芳\n1002 somebody\t9999", working);
    expect(ids(read.found)).toEqual(["a", "c", "b"]);
    expect(read.unknown).toEqual(["9999"]);
    expect(read.ambiguous).toEqual([]);
  });

  it("does not guess between two people of one name", () => {
    const read = resolve("li wei\n\n", working);
    expect(read.found).toEqual([]);
    expect(read.ambiguous).toEqual(["li wei"]);
  });
});

describe("search", () => {
  it("looks into number and name", () => {
    expect(ids(search("芳", working))).toEqual(["a"]);
    expect(ids(search("100", working))).toEqual(["a", "b", "c"]);
    expect(ids(search(" ", working))).toEqual(["a", "b", "c"]);
  });
});
