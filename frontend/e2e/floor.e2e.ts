import { describe, expect, it } from "vitest";
import { desk, phone, signedIn, useBrowser, type Visit } from "./browser";

/** Writes to the API as the visitor, with the session's token, and gives the answer. */
async function send<T>(seen: Visit, path: string, body: unknown): Promise<{ status: number; body: T }> {
  return seen.page.evaluate(
    async ([url, text]) => {
      const session = await (await fetch("/api/v1/session")).json();
      const answer = await fetch(url!, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrf },
        body: text,
      });
      const said = await answer.text();
      return { status: answer.status, body: said ? JSON.parse(said) : null };
    },
    [`/api/v1${path}`, JSON.stringify(body)],
  );
}

async function ask<T>(seen: Visit, path: string): Promise<T> {
  return seen.page.evaluate(async (url) => (await fetch(url)).json(), `/api/v1${path}`);
}

interface Listed<T> {
  items: T[];
}

describe("the live floor", () => {
  useBrowser();

  // A demo that has just begun needs a minute or two until a day can be projected.
  it("team leader: takes an alert on, raises a queue and undoes it", { timeout: 240_000 }, async () => {
    const seen = await signedIn("leader", { viewport: desk });
    await seen.open("/floor");
    await seen.page.waitForSelector(".live-live");
    // Sixty customers at once are more than the floor can take: a queue of them is worth an alert.
    const caller = await signedIn("manager");
    const all = await ask<Listed<{ id: string; slug: string }>>(caller, "/clients");
    const client = all.items.find((one) => one.slug === "harvest")!;
    const lines = await ask<Listed<{ id: string; slug: string }>>(caller, `/clients/${client.id}/queues`);
    const line = lines.items.find((one) => one.slug === "harvest-voice")!;
    for (let i = 0; i < 60; i++) {
      const body = {
        client_id: client.id,
        queue_id: line.id,
        source: "e2e-burst",
        external_id: `burst-${i}`,
      };
      expect((await send(caller, "/contacts", body)).status).toBe(202);
    }
    await seen.page.waitForSelector(".floor-alert[data-taken=false] button:has-text('Take on')", {
      timeout: 180_000,
    });
    const open = seen.page.locator(".floor-alert[data-taken=false]").first();
    const subject = await open.locator("strong").first().innerText();
    await open.locator("button:has-text('Take on')").click();
    await seen.page.waitForSelector(`.floor-alert[data-taken=true]:has-text("${subject}")`);
    await seen.page.locator("main table").first().locator("button:has-text('Raise')").first().click();
    await seen.page.waitForSelector("[role=dialog]");
    await seen.look("floor-confirm");
    await seen.page.click("[role=dialog] button:has-text('Raise')");
    await seen.page.waitForSelector(".floor-log li:has-text('weight × 2')");
    await seen.page.waitForSelector(".floor-queue .state-tag");
    await seen.page.click(".floor-log li:has-text('weight × 2') button:has-text('Undo')");
    await seen.page.waitForSelector(".floor-log li[data-undone=true]");
    await expect.poll(() => seen.page.locator(".floor-queue .state-tag").count()).toBe(0);
    await seen.look("floor-undone");
  });

  it("agent: accepts, parks, takes back and transfers", { timeout: 180_000 }, async () => {
    const seen = await signedIn("agent", { viewport: phone });
    await seen.page.waitForSelector(".agent-state");
    const me = await ask<{ user: { agent_id: string } }>(seen, "/session");
    expect((await send(seen, "/me/state", { state: "ready" })).status).toBe(200);
    const manager = await signedIn("manager");
    const clients = await ask<Listed<{ id: string; slug: string }>>(manager, "/clients");
    const harvest = clients.items.find((client) => client.slug === "harvest")!;
    const queues = await ask<Listed<{ id: string; slug: string }>>(manager, `/clients/${harvest.id}/queues`);
    const queue = queues.items.find((found) => found.slug === "harvest-voice")!;
    const taken = await send(manager, "/contacts", {
      client_id: harvest.id,
      queue_id: queue.id,
      source: "e2e",
      external_id: `desk-${Date.now()}`,
      preferred_agent_id: me.user.agent_id,
      attributes: { order: "E2E-7" },
    });
    expect(taken.status).toBe(202);
    // The demo's own customers may come first; any contact will do.
    const patient = { timeout: 45_000 };
    const press = (state: string, name: string) =>
      seen.page
        .locator(`.agent-contact-${state}`)
        .first()
        .locator(`button:has-text('${name}')`)
        .first()
        .click(patient);
    await press("offered", "Accept");
    const contact = seen.page.locator(".agent-contact-accepted").first();
    await contact.locator("summary").last().click();
    await contact.locator(".reason-panel").first().waitFor();
    await seen.look("agent-contact");
    await press("accepted", "Park");
    await seen.page.click("[role=dialog] .ant-modal-footer button:has-text('Park')");
    await seen.page.waitForSelector(".agent-parked li");
    await press("wrapping", "Wrap-up done");
    await seen.page.click(".agent-parked button:has-text('Take back')");
    await press("offered", "Accept");
    await press("accepted", "Transfer");
    await seen.page.click("[role=dialog] .ant-select");
    await seen.page.click(".ant-select-item-option-content >> nth=0");
    await seen.page.click("[role=dialog] .ant-modal-footer button:has-text('Transfer')");
    await press("wrapping", "Wrap-up done");
    expect((await send(seen, "/me/state", { state: "off" })).status).toBe(200);
  });
});
