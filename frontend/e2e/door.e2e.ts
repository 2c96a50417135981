import { describe, expect, it } from "vitest";
import { desk, phone, signedIn, useBrowser, visit } from "./browser";

describe("the door", () => {
  useBrowser();

  it("refuses a wrong password in the reader's language, with a request id", async () => {
    const seen = await visit({ locale: "zh-CN" });
    await seen.page.fill("input[name=login]", "planner");
    await seen.page.fill("input[name=password]", "not the password");
    await seen.page.click("button[type=submit]");
    const words = await seen.page.textContent("[role=alert]");
    expect(words).toMatch(/[\u4e00-\u9fff]/);
    expect(words).toMatch(/\([0-9a-f-]{36}\)/);
    await seen.page.waitForFunction(() => !document.querySelector(".ant-btn-loading"));
  });

  it("keeps the address through signing in, and forgets everything on signing out", async () => {
    const seen = await signedIn("planner", { at: "/roster" });
    await seen.settled();
    expect(new URL(seen.page.url()).pathname).toBe("/roster");
    await seen.page.click(".top-bar-me");
    await seen.page.click("text=Sign out");
    await seen.page.waitForSelector("input[name=login]");
    expect(await seen.page.locator(".roster").count()).toBe(0);
  });

  it("changes the language of everything at once", async () => {
    const seen = await signedIn("planner");
    await seen.page.click(".language-switch button[lang=zh-CN]");
    await seen.page.waitForSelector("nav >> text=预测");
    expect(await seen.page.getAttribute("html", "lang")).toBe("zh-CN");
  });

  it.each([
    ["desk", desk],
    ["phone", phone],
  ])("looks right at the %s", async (name, viewport) => {
    const seen = await visit({ viewport });
    await seen.page.waitForSelector("form");
    await seen.look(`sign-in-${name}`);
  });
});
