import { beforeAll, describe, expect, it } from "vitest";
import type { Correction, QueueExplain } from "../../api/models";
import { allTexts, changeLocale, startText, text } from "../../text/text";
import { fixText, noteTexts } from "./why";

const fix: Correction = {
  id: "opening_hours:1",
  kind: "opening_hours",
  from: "2026-10-05T07:00:00Z",
  to: "2026-10-19T00:00:00Z",
  before: 0,
  after: 60,
  detail: "Monday, Tuesday 07:00 to 08:00 has been opened since 2026-10-05.",
  why: { code: "opened", params: { days: [1, 2], from: "07:00", to: "08:00", date: "2026-10-05" }, text: "" },
};

describe("the engine's reasons", () => {
  beforeAll(async () => {
    await startText();
    await allTexts();
  });

  it("are told in the reader's language with its weekdays and dates", async () => {
    await changeLocale("en");
    expect(fixText(text(), fix)).toBe(
      "Mon, Tue 07:00–08:00 has been open since 5 Oct 2026; older days are restated with the new hours.",
    );
    await changeLocale("zh-CN");
    expect(fixText(text(), fix)).toContain("周一, 周二 07:00–08:00 自 2026年10月5日 起开放");
  });

  it("keep their English where a version has no codes", () => {
    expect(fixText(text(), { ...fix, why: { code: "", text: "" } })).toBe(fix.detail);
    expect(fixText(text(), { ...fix, why: undefined as never })).toBe(fix.detail);
  });

  it("leave out what has its own place on the panel", async () => {
    await changeLocale("en");
    const explain = {
      notes: [
        { code: "history", params: { days: 120, date: "2026-07-01" }, text: "" },
        { code: "choice", params: { lead: "week 1" }, text: "" },
      ],
    } as unknown as QueueExplain;
    expect(noteTexts(text(), explain)).toEqual(["120 days of history, from 1 Jul 2026."]);
  });
});
