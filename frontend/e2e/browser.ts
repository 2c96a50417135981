import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page, type Response } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const screenshots = join(import.meta.dirname, "screenshots");

export const desk = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

let browser: Browser;

/** One browser for the file's tests. */
export function useBrowser(): void {
  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  });
  afterAll(() => browser.close());
}

/** A visit: a page of its own, everything the API told it, and what went wrong on the way. */
export class Visit {
  readonly bodies: { url: string; text: string }[] = [];
  readonly troubles: string[] = [];
  private readonly reading: Promise<void>[] = [];

  constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.troubles.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      // The browser logs every refused request; those are judged by their status below.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        this.troubles.push(`console: ${message.text()}`);
    });
    page.on("response", (response) => this.reading.push(this.read(response)));
  }

  private async read(response: Response): Promise<void> {
    const url = new URL(response.url());
    if (!url.pathname.startsWith("/api/")) return;
    const asks = url.pathname === "/api/v1/session" && response.status() === 401;
    if (response.status() >= 400 && !asks)
      this.troubles.push(`${response.status()} ${response.request().method()} ${url.pathname}${url.search}`);
    if (response.headers()["content-type"]?.startsWith("text/event-stream")) return;
    const text = await response.text().catch(() => "");
    this.bodies.push({ url: url.pathname, text });
  }

  /** Everything that the API sent so far. */
  async received(): Promise<{ url: string; text: string }[]> {
    await Promise.all(this.reading);
    return this.bodies;
  }

  /** Goes to a page by the rail, as a person would. */
  async open(path: string): Promise<void> {
    await this.page.click(`nav a[href="${path}"], nav a[href^="${path}?"]`);
    await this.settled();
  }

  /** Waits until the page has its data: no skeleton left. */
  async settled(): Promise<void> {
    await this.page.waitForSelector("main h1");
    await this.page.waitForFunction(() => !document.querySelector("main .skeleton"));
  }

  /**
   * Takes a screenshot for people to look at, lets axe judge the page, and fails
   * on anything that went wrong since the visit began.
   */
  async look(name: string): Promise<void> {
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
    await this.page.evaluate(axe);
    const findings = await this.page.evaluate(async () => {
      type Finding = { impact: string; id: string; nodes: { html: string }[] };
      const run = (globalThis as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } }).axe;
      return (await run.run()).violations
        .filter((finding) => finding.impact === "serious" || finding.impact === "critical")
        .map(
          (finding) => `${finding.id}: ${finding.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`,
        );
    });
    expect.soft(findings, `${name}: accessibility`).toEqual([]);
    expect.soft(this.troubles, `${name}: troubles`).toEqual([]);
  }
}

/** A list as the API gives it. */
export interface Listed<T> {
  items: T[];
}

/** What an API path answers to the visitor. */
export async function ask<T>(seen: Visit, path: string): Promise<T> {
  return seen.page.evaluate(async (url) => (await fetch(url)).json(), `/api/v1${path}`);
}

/** Opens the address of the demo in a fresh context. */
export async function visit(options: { viewport?: typeof desk; locale?: "en" | "zh-CN"; at?: string } = {}) {
  const { viewport = desk, locale = "en", at = "/" } = options;
  const context = await browser.newContext({
    viewport,
    locale,
    timezoneId: "Asia/Shanghai",
    acceptDownloads: true,
  });
  await context.addInitScript((language) => localStorage.setItem("muster.locale", language), locale);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const seen = new Visit(page);
  await page.goto(inject("url") + at);
  return seen;
}

/** Signs in as one of the demo's people, by login. */
export async function signedIn(login: string, options: Parameters<typeof visit>[0] = {}): Promise<Visit> {
  const seen = await visit(options);
  await seen.page.fill("input[name=login]", login);
  await seen.page.fill("input[name=password]", inject("password"));
  await seen.page.click("button[type=submit]");
  await seen.page.waitForSelector(".shell main");
  return seen;
}
