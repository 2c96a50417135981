import { describe, expect, inject, it } from "vitest";
import { ask, type Listed, signedIn, useBrowser } from "./browser";

interface Receipt {
  accepted: number;
}

describe("feeds of other exchanges", () => {
  useBrowser();

  it("admin: makes a feed, its source sends by token, the floor shows whom it names", async () => {
    const admin = await signedIn("admin");
    const { page } = admin;
    const people = await ask<Listed<{ id: string; number: string }>>(admin, "/people");
    const person = people.items.at(-1)!;
    await admin.open("/connections");
    await page.click("main button:has-text('Add a feed')");
    await page.fill("[role=dialog] #name", "Old exchange");
    await page.fill("[role=dialog] #source", "old-exchange");
    await admin.look("feeds-add");
    await page.click("[role=dialog] .ant-modal-footer .ant-btn-primary");
    const token = await page.inputValue("[role=dialog] textarea >> nth=0");
    const example = await page.inputValue("[role=dialog] textarea >> nth=1");
    const [address] = /http\S+\/events/.exec(example)!;
    expect(address.startsWith(inject("url"))).toBe(true);
    await admin.look("feeds-token");
    await page.click("[role=dialog] .ant-modal-footer .ant-btn-primary");

    /** Sends events as the source does: no session, the token alone. */
    const send = (bearer: string, ...events: object[]) =>
      fetch(address, {
        method: "POST",
        headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
        body: JSON.stringify(events),
      });
    const ready = { id: "1", at: new Date().toISOString(), type: "agent.ready", agent: "SIP/old-7" };
    expect((await send(`${token}x`, ready)).status).toBe(401);
    const answer = await send(token, ready);
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as Receipt).accepted).toBe(1);

    // Nobody here has that name: it waits until it is mapped.
    const row = page.locator("main tr", { hasText: "old-exchange" });
    await row.locator("text=1 to map").waitFor();
    await row.locator("button:has-text('Names')").click();
    await page.click(".ant-drawer .ant-select");
    await page.keyboard.type(person.number);
    await page.locator(".ant-select-item-option", { hasText: person.number }).first().waitFor();
    await admin.look("feeds-names");
    await page.keyboard.press("Enter");
    await expect.poll(() => row.locator("text=1 to map").count(), { timeout: 30_000 }).toBe(0);
    await page.keyboard.press("Escape");

    const manager = await signedIn("manager");
    await manager.open("/floor");
    await manager.page.waitForSelector(".live-live");
    const told = manager.page.locator(".floor-agent", { has: manager.page.locator(".floor-source") });
    await told.locator("text=⇥ Old exchange").first().waitFor({ timeout: 30_000 });
    await told.first().scrollIntoViewIfNeeded();
    await manager.look("feeds-floor");

    const chinese = await signedIn("admin", { locale: "zh-CN" });
    await chinese.open("/connections");
    await chinese.page.waitForSelector("main tr:has-text('old-exchange')");
    await chinese.look("feeds-zh");
    await chinese.page.locator("main tr:has-text('old-exchange') button").first().click();
    await chinese.page.waitForSelector(".ant-drawer .ant-select");
    await chinese.look("feeds-names-zh");

    // The other tests see the floor as it was.
    await send(token, { ...ready, id: "2", at: new Date().toISOString(), type: "agent.logout" });
    await row.locator("button:has-text('Remove')").click();
    await page.click(".ant-popconfirm button:has-text('Remove')");
    await expect.poll(() => row.count()).toBe(0);
    expect((await send(token, { ...ready, id: "3" })).status).toBe(401);
    await admin.look("feeds-removed");
  }, 180_000);
});
