import { describe, expect, it } from "vitest";
import type { ImportPreview } from "../../api/models";
import { assign, fieldOf, missingFields } from "./mapping";

const preview: ImportPreview = {
  fields: ["external_id", "queue", "arrived_at", "outcome"],
  missing: ["queue"],
  proposals: [],
  sample: [],
  mapping: {
    version: 1,
    kind: "contacts",
    source: "acd",
    columns: ["id", "day", "clock", "note"],
    fields: { external_id: { column: "id" }, arrived_at: { date: "day", time: "clock", clock: "24h" } },
  },
};
const { mapping } = preview;

describe("mapping", () => {
  it("knows which field reads a column, alone or with others", () => {
    expect(["id", "day", "clock", "note"].map((column) => fieldOf(mapping, column))).toEqual([
      "external_id",
      "arrived_at",
      "arrived_at",
      undefined,
    ]);
  });

  it("names what is missing until it has a column", () => {
    expect(missingFields(preview, mapping)).toEqual(["queue"]);
    expect(missingFields(preview, assign(mapping, "note", "queue"))).toEqual([]);
  });

  it("moves a column to another field and leaves the rest as it was read", () => {
    const next = assign(mapping, "id", "queue");
    expect(next.fields).toEqual({ queue: { column: "id" }, arrived_at: mapping.fields.arrived_at });
    expect(next.columns).toEqual(mapping.columns);
  });

  it("frees a field's old column and both columns of a pair", () => {
    expect(assign(mapping, "note", "external_id").fields.external_id).toEqual({ column: "note" });
    expect(assign(mapping, "day", undefined).fields).toEqual({ external_id: { column: "id" } });
  });
});
