import { describe, expect, it } from "vitest";
import { asKind, documentText, emptyDocument, kindOf, nextBeginning, partAt, type Rule } from "./document";

describe("a client's document", () => {
  it("leaves out what was not filled in and gives every price a key", () => {
    const form = emptyDocument("2026-03-09");
    form.client = { slug: "acme", name: "Acme", zone: "UTC", currency: "EUR", locale: "en" };
    form.hours = { mon: "09:00-18:00", sun: "  " };
    form.lobs![0]!.queues![0]!.skill = "";
    form.rates!.rules = [asKind({ name: "Hours", price: "40" }, "hour")];
    const sent = JSON.parse(documentText(form)) as {
      valid_from: string;
      hours: unknown;
      lobs: object[];
      rates: unknown;
    };
    expect(sent.valid_from).toBe("2026-03-01");
    expect(sent.hours).toEqual({ mon: "09:00-18:00" });
    expect(sent.lobs[0]).not.toHaveProperty("queues.0.skill");
    expect(sent.rates).toMatchObject({ rules: [{ key: "rule-1", price: "40", form: "unit" }] });
    expect(JSON.parse(documentText({ ...form, rates: { rules: [] } }))).not.toHaveProperty("rates");
  });

  it("knows the kinds of price and keeps its hands off the others", () => {
    for (const kind of ["hour", "contact", "month"] as const) {
      const rule = asKind({ key: "k", name: "N", price: "1" }, kind);
      expect(kindOf(rule)).toBe(kind);
      expect(kindOf({ ...rule, tiers: [] })).toBe("other");
    }
    const chats: Rule = {
      form: "unit",
      meter: { measure: "contacts_handled", where: { channel: ["chat"] }, unit: "contact" },
    };
    expect(kindOf(chats)).toBe("other");
  });

  it("finds the part that an error's line belongs to", () => {
    const text = documentText(emptyDocument("2026-03-09"));
    const line = text.split("\n").findIndex((row) => row.includes("service_level")) + 1;
    expect(partAt(text, line)).toBe("lobs");
    expect(partAt(text, 1)).toBeUndefined();
  });

  it("proposes a beginning after the latest version", () => {
    expect(nextBeginning("2026-01-01", "2026-03-09", true)).toBe("2026-03-09");
    expect(nextBeginning("2026-03-31", "2026-03-09", true)).toBe("2026-04-01");
    expect(nextBeginning("2026-03-01", "2026-03-09", false)).toBe("2026-03-01");
  });
});
