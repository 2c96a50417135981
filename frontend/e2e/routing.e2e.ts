import { describe, expect, it } from "vitest";
import { ask, type Listed, signedIn, useBrowser } from "./browser";

interface Policy {
  version: number;
  policy: { ladder?: { after_seconds: number }[] };
}

/** Opens the settings of a queue whose ladder has two steps, as the administrator. */
async function onLadder(locale: "en" | "zh-CN" = "en") {
  const seen = await signedIn("admin", { locale });
  const clients = await ask<Listed<{ id: string; slug: string }>>(seen, "/clients");
  const harvest = clients.items.find((client) => client.slug === "harvest")!;
  const queues = await ask<Listed<{ id: string; slug: string; name: string }>>(
    seen,
    `/clients/${harvest.id}/queues`,
  );
  const queue = queues.items.find((found) => found.slug === "harvest-chat")!;
  await seen.open("/routing");
  await seen.page.locator(".routing-nav button", { hasText: queue.name }).first().click();
  await seen.page.waitForSelector("#ladder_1_after_seconds");
  return { seen, queue };
}

describe("routing settings", () => {
  useBrowser();

  it("admin: a ladder is refused at its field, stored, and restored from its versions", async () => {
    const { seen, queue } = await onLadder();
    const { page } = seen;
    const stored = () => ask<Policy>(seen, `/queues/${queue.id}/routing`);
    const before = await stored();
    const first = before.policy.ladder![1]!.after_seconds;

    await page.fill("#ladder_1_after_seconds", "5");
    await page.click("button:has-text('Check and put in force')");
    const step = page.locator(".ant-form-item", { has: page.locator("#ladder_1_after_seconds") });
    await step.locator("text=shorten the ring").waitFor();
    expect(await page.locator("[role=dialog]").count()).toBe(0);
    await seen.look("routing-refused");
    expect((await stored()).version).toBe(before.version);

    await page.fill("#ladder_1_after_seconds", String(first + 15));
    await page.click("button:has-text('Check and put in force')");
    await page.waitForSelector("[role=dialog] .routing-try");
    await seen.look("routing-confirm");
    await page.click("[role=dialog] button:has-text('Put in force')");
    await expect.poll(async () => (await stored()).version).toBe(before.version + 1);
    expect((await stored()).policy.ladder![1]!.after_seconds).toBe(first + 15);
    // The form is made anew with the version that is in force.
    await page.waitForSelector(`main .page-header >> text=${before.version + 1}`);
    await page.waitForFunction(() => !document.querySelector("[role=dialog]"));

    await page.click("main >> text=/^Versions$/");
    await page.click(".routing-versions button:has-text('Back to this') >> nth=0");
    await page.click("[role=dialog] button:has-text('Put in force')");
    await expect.poll(async () => (await stored()).version).toBe(before.version + 2);
    expect((await stored()).policy).toEqual(before.policy);
    await seen.settled();
    await seen.look("routing-restored");
  });

  it("reads in Chinese as well", async () => {
    const { seen } = await onLadder("zh-CN");
    await seen.look("routing-queue-zh");
    await seen.page.fill("#ladder_1_after_seconds", "5");
    await seen.page.click("main .page-header button[type=submit]");
    await seen.page.waitForSelector("text=没人来得及接听");
    await seen.look("routing-refused-zh");
    await seen.page.locator(".routing-nav button").first().click();
    await seen.settled();
    await seen.look("routing-provider-zh");
  });
});
