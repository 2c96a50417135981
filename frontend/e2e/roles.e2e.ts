import { beforeAll, describe, expect, it } from "vitest";
import { desk, phone, signedIn, useBrowser, type Visit } from "./browser";

interface Client {
  id: string;
  slug: string;
  name: string;
}

/** What an API path answers to the visitor. */
async function ask<T>(seen: Visit, path: string): Promise<{ status: number; body: T }> {
  return seen.page.evaluate(async (url) => {
    const answer = await fetch(url);
    const text = await answer.text(); // an answer that nobody reads never ends for the browser
    return { status: answer.status, body: answer.ok ? JSON.parse(text) : null };
  }, `/api/v1${path}`);
}

/** Writes to the API as the visitor, with the session's token, and gives the status. */
async function send(seen: Visit, path: string, body: unknown): Promise<number> {
  return seen.page.evaluate(
    async ([url, text]) => {
      const session = await (await fetch("/api/v1/session")).json();
      const answer = await fetch(url!, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrf },
        body: text,
      });
      return answer.status;
    },
    [`/api/v1${path}`, JSON.stringify(body)],
  );
}

/** Downloads what a link leads to and gives the first bytes and the file's name. */
async function download(seen: Visit, link: string): Promise<{ name: string; head: string }> {
  const [file] = await Promise.all([seen.page.waitForEvent("download"), seen.page.click(link)]);
  const stream = await file.createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { name: file.suggestedFilename(), head: Buffer.concat(chunks).subarray(0, 2).toString() };
}

describe("each role's day", () => {
  useBrowser();
  let clients: Client[];

  beforeAll(async () => {
    const admin = await signedIn("admin");
    clients = (await ask<{ items: Client[] }>(admin, "/clients")).body.items;
    expect(clients.length).toBeGreaterThanOrEqual(4);
  });

  it("planner: forecast against actuals, then the board", async () => {
    const seen = await signedIn("planner");
    await seen.open("/forecast");
    await seen.page.waitForSelector(".chart canvas");
    await seen.page.waitForSelector(".edit-grid");
    await seen.look("planner-forecast");
    await seen.open("/roster");
    await seen.page.waitForSelector(".shift-bar");
    expect(await seen.page.locator(".roster-row").count()).toBeGreaterThan(10);
    expect(Number(await seen.page.getAttribute(".roster", "aria-rowcount"))).toBeGreaterThan(100);
    await seen.look("planner-roster");
    await seen.page.focus(".roster");
    await seen.page.keyboard.press("ArrowDown");
    await seen.page.keyboard.press("Enter");
    await seen.page.waitForSelector(".ant-drawer-title");
    await seen.look("planner-shift");
  });

  it.each(["harvest", "linan"])("client %s: its own scorecard, and nothing of the others", async (slug) => {
    const seen = await signedIn(slug);
    const own = clients.find((client) => client.slug === slug)!;
    const others = clients.filter((client) => client.slug !== slug);
    await seen.open("/scorecard");
    await seen.page.waitForSelector(".ant-table-row");
    expect(await seen.page.textContent("main h1")).toContain(own.name);
    await seen.look(`client-${slug}-scorecard`);
    const file = await download(seen, "text=Download report");
    expect(file.name).toMatch(/\.xlsx$/);
    expect(file.head).toBe("PK");
    await seen.open("/invoices");
    await seen.look(`client-${slug}-invoices`);

    for (const { url, text } of await seen.received())
      for (const other of others)
        for (const trace of [other.id, other.name, `"${other.slug}"`])
          expect(text.includes(trace), `${url} tells ${slug} about ${trace}`).toBe(false);
    for (const other of others) {
      expect((await ask(seen, `/clients/${other.id}`)).status).toBe(404);
      expect((await ask(seen, `/scorecards?client=${other.id}`)).status).toBe(404);
      expect((await ask(seen, `/invoices?client=${other.id}`)).status).toBe(404);
    }
    expect((await ask(seen, "/users")).status).toBe(403);
    expect((await ask(seen, "/rosters")).status).toBe(403);
    expect(await seen.page.locator('nav a[href="/roster"], nav a[href="/roles"]').count()).toBe(0);
  });

  it("client: the scorecard on a phone", async () => {
    const seen = await signedIn("harvest", { viewport: phone, locale: "zh-CN", at: "/scorecard" });
    await seen.settled();
    await seen.look("client-phone");
  });

  it("finance: from draft to issued invoice and its workbook", async () => {
    const seen = await signedIn("finance");
    await seen.open("/invoices");
    await seen.page.waitForSelector(".ant-table-row");
    await seen.look("finance-invoices");
    await seen.page.click(
      ".ant-table-row:has(.state-tag-draft) a, .ant-table-row:has(.state-tag-reviewed) a",
    );
    await seen.settled();
    await seen.page.waitForSelector("text=Issue invoice");
    await seen.look("finance-draft");
    const file = await download(seen, "text=Excel workbook");
    expect(file.name).toMatch(/\.xlsx$/);
    expect(file.head).toBe("PK");
    await seen.page.click("button:has-text('Issue invoice')");
    await seen.page.click("[role=dialog] button:has-text('Issue invoice')");
    await seen.page.waitForSelector(".state-tag-issued");
    // The dialog fades out with a button of the same name.
    await expect.poll(() => seen.page.locator("button:has-text('Issue invoice')").count()).toBe(0);
    await seen.look("finance-issued");
  });

  it("admin: people, roles, imports, audit, onboarding", async () => {
    const seen = await signedIn("admin");
    await seen.open("/people");
    await seen.page.waitForSelector(".ant-table-row");
    await seen.look("admin-people");
    await seen.open("/roles");
    await seen.page.waitForSelector(".rights");
    await seen.look("admin-roles");
    await seen.open("/audit");
    await seen.page.waitForSelector("main table, main .state");
    await seen.look("admin-audit");
    await seen.open("/onboarding");
    await seen.page.waitForSelector(".onboarding li");
    await seen.look("admin-onboarding");
  });

  it("admin: a file in Chinese goes from mapping through dry run into the rows", async () => {
    const seen = await signedIn("admin");
    const queues = await ask<{ items: { name: string; slug: string }[] }>(
      seen,
      `/clients/${clients[0]!.id}/queues`,
    );
    const queue = queues.body.items[0]!.name;
    const lines = ["通话编号,队列,进线时间,备注"];
    for (let i = 0; i < 12; i++) lines.push(`E2E-${i},${queue},2026-11-02 09:${String(10 + i)}:00,x`);
    lines.push(`E2E-99,${queue},2026-13-02 09:10:00,x`);
    await seen.open("/imports");
    await seen.page.click("main >> text=Import a file");
    await seen.page.setInputFiles("input[type=file]", {
      name: "contacts.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(lines.join("\n")),
    });
    await seen.page.click("text=Read the first rows");
    await seen.page.waitForSelector(".mapping tbody tr");
    expect(await seen.page.locator(".mapping tbody tr").count()).toBe(13);
    await seen.page.click("button:has-text('Dry run')");
    await seen.page.waitForSelector("text=13 rows = 12 new");
    await seen.look("admin-import");
    await seen.page.click("button:has-text('Import 12 rows')");
    await seen.page.waitForSelector("text=Details and refused rows");
    await seen.page.click("text=Details and refused rows");
    await seen.page.waitForSelector("text=2026-13-02");
    await seen.look("admin-import-issues");
  });

  it("team leader: the floor updates by itself", async () => {
    const seen = await signedIn("leader");
    await seen.open("/floor");
    await seen.page.waitForSelector(".live-live");
    await seen.look("leader-floor");
    const [client] = clients;
    const queues = await ask<{ items: { id: string; name: string }[] }>(
      seen,
      `/clients/${client!.id}/queues`,
    );
    const queue = queues.body.items[0]!;
    const table = seen.page.locator("main table").first();
    const before = await table.innerText();
    const manager = await signedIn("manager");
    const taken = await send(manager, "/contacts", {
      client_id: client!.id,
      queue_id: queue.id,
      source: "e2e",
      external_id: `floor-${Date.now()}`,
    });
    expect(taken).toBe(202);
    await expect.poll(() => table.innerText(), { timeout: 15_000 }).not.toBe(before);
    await seen.page.click("text=Wall view");
    await seen.look("leader-wall");
  });

  it("agent: my day, my state and my shifts on a phone", async () => {
    const seen = await signedIn("agent", { viewport: phone });
    await seen.settled();
    await seen.page.waitForSelector(".live-live");
    await seen.look("agent-day");
    await seen.page.click("button:has-text('Ready')");
    await seen.page.waitForSelector(".agent-state .agent-ready, .agent-contact");
    await seen.page.click("button:has-text('Break')");
    await seen.page.waitForSelector(".agent-state .agent-break");
    await seen.look("agent-break");
    await seen.open("/week");
    await seen.page.waitForSelector(".agent-feed code");
    expect(await seen.page.locator(".agent-shifts li").count()).toBeGreaterThan(0);
    await seen.look("agent-week");
    expect((await ask(seen, "/people")).status).toBe(403);
    expect((await ask(seen, "/invoices")).status).toBe(403);
    for (const { url, text } of await seen.received())
      expect(/"login":"(?!agent")/.test(text), `${url} tells of other accounts`).toBe(false);
  });

  it.each(["planner", "leader", "finance", "admin", "manager"])("home of %s in Chinese", async (login) => {
    const seen = await signedIn(login, { locale: "zh-CN", viewport: desk });
    await seen.settled();
    await seen.look(`home-${login}-zh`);
  });
});
