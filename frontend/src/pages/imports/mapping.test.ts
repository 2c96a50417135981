import { describe, expect, it } from "vitest";
import type { ImportPreview } from "../../api/models";
import { assign, missingFields, proposedMapping } from "./mapping";

const preview: ImportPreview = {
  encoding: "UTF-8",
  header_line: 1,
  columns: [{ name: "id", proposed: "external_id" }, { name: "when" }, { name: "note" }],
  rows: [],
  fields: [
    { key: "external_id", required: true },
    { key: "arrived", required: true },
    { key: "outcome", required: false },
  ],
};

describe("mapping", () => {
  it("starts from what the server proposes and names what is missing", () => {
    const mapping = proposedMapping(preview);
    expect(mapping).toEqual({ id: "external_id" });
    expect(missingFields(preview, mapping)).toEqual(["arrived"]);
    expect(missingFields(preview, assign(mapping, "when", "arrived"))).toEqual([]);
  });

  it("gives a field to one column only", () => {
    expect(assign({ id: "external_id", when: "arrived" }, "note", "arrived")).toEqual({
      id: "external_id",
      note: "arrived",
    });
    expect(assign({ id: "external_id" }, "id", undefined)).toEqual({});
  });
});
