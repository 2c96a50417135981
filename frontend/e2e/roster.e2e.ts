import { beforeAll, describe, expect, it } from "vitest";
import { signedIn, useBrowser, type Visit } from "./browser";

interface Version {
  id: string;
  name: string;
  version: number;
  status: string;
}

/** What an API path answers to the visitor. */
async function ask<T>(seen: Visit, path: string): Promise<T> {
  return seen.page.evaluate(async (url) => (await fetch(url)).json(), `/api/v1${path}`);
}

const versions = async (seen: Visit) => (await ask<{ items: Version[] }>(seen, "/rosters")).items;

/** Opens the board on a draft; the version in force is copied when there is none. */
async function onDraft(seen: Visit): Promise<void> {
  await seen.open("/roster");
  await seen.page.waitForSelector(".shift-bar");
  if (await seen.page.locator("button:has-text('Edit as new version')").count())
    await seen.page.click("button:has-text('Edit as new version')");
  await seen.page.waitForSelector("button:has-text('Publish roster')", { timeout: LONG / 2 });
  await seen.page.waitForSelector(".shift-bar");
  await seen.page.waitForSelector(".hole");
}

/** What the cell under the cursor says. */
const cursorText = (seen: Visit) => seen.page.locator(".roster-cursor").innerText();

/** Searching, simulating and publishing are jobs: slow machines may take their time. */
const LONG = 240_000;

describe("the planner's board", () => {
  useBrowser();
  let seen: Visit;
  beforeAll(async () => {
    seen = await signedIn("planner");
    await onDraft(seen);
  }, LONG);

  it(
    "edits by keyboard, says what that breaks, and takes it back",
    async () => {
      const { page } = seen;
      await page.focus(".roster");
      // The day after tomorrow lies in nobody's past.
      for (const key of ["ArrowDown", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
      const before = await cursorText(seen);
      await page.keyboard.press("Enter");
      await page.waitForSelector(".cell-editor");
      await page.keyboard.type(before.includes("13:00") ? "late 14:00" : "late 13:00");
      await page.waitForSelector(".cell-editor .judgement");
      await seen.look("board-edit");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => !document.querySelector(".cell-editor"));
      await page.click("[role=dialog] button:has-text('Store anyway')", { timeout: 2_000 }).catch(() => {});
      await expect.poll(() => cursorText(seen)).toMatch(/1[34]:00–2[23]:00/);
      await page.focus(".roster");
      await page.keyboard.press("Control+z");
      await expect.poll(() => cursorText(seen)).toBe(before);
      await page.keyboard.press("Control+y");
      await expect.poll(() => cursorText(seen)).toMatch(/1[34]:00–2[23]:00/);
      await page.keyboard.press("Delete");
      await expect.poll(() => cursorText(seen)).toBe("");
      await page.keyboard.press("Control+z");
      await page.keyboard.press("Control+z");
      await expect.poll(() => cursorText(seen)).toBe(before);
    },
    LONG,
  );

  it(
    "drags a shift and shows what that would do before it lands",
    async () => {
      const { page } = seen;
      // Shifts of the day after tomorrow have not begun, wherever its midnight lies.
      const today = Number((await page.getAttribute(".roster-cursor", "data-cell"))!.split(":")[1]);
      const bar = page.locator(`[data-cell$=":${today}"] .shift-bar`).nth(3);
      const box = (await bar.boundingBox())!;
      await page.mouse.move(box.x + 6, box.y + 4);
      await page.mouse.down();
      await page.mouse.move(box.x + 10, box.y + 40, { steps: 8 });
      await page.waitForSelector(".roster-ghost .judgement, .roster-ghost .judgement-bad");
      await seen.look("board-drag");
      await page.mouse.move(box.x + 6, box.y + 4, { steps: 4 });
      await page.mouse.up();
      expect(await page.locator(".roster-ghost").count()).toBe(0);
    },
    LONG,
  );

  it(
    "fills a hole by the best candidate, and takes that back",
    async () => {
      const { page } = seen;
      await page.locator(".hole").first().click();
      await page.waitForSelector(".candidate button:not([disabled])");
      await seen.look("board-candidates");
      const stored = page.waitForResponse((r) => r.url().endsWith("/operations"));
      await page.locator(".candidate button:not([disabled])").first().click();
      expect((await (await stored).json()).stored).toBe(true);
      await page.waitForSelector("button:has-text('Undo'):not([disabled])");
      const undone = page.waitForResponse((r) => r.url().endsWith("/undo"));
      await page.click("button:has-text('Undo')");
      expect((await undone).status()).toBe(200);
    },
    LONG,
  );

  it(
    "tests the roster on the routing engine and shows expected service",
    async () => {
      const { page } = seen;
      await page.click(".roster-side label:has-text('Service')");
      await page.click(".service button:has-text('Simulate')");
      await page.waitForSelector(".service .side-table tbody tr", { timeout: LONG / 2 });
      expect(await page.locator(".service .side-table tbody tr").count()).toBeGreaterThan(3);
      await page.locator(".service .side-table tbody button").first().click();
      await seen.look("board-service");
    },
    LONG,
  );

  it(
    "searches for a roster with live progress; stopping keeps the best",
    async () => {
      const { page } = seen;
      const before = (await versions(seen)).length;
      await page.click("button:has-text('Generate')");
      await page.waitForSelector(".generate");
      await seen.look("board-generate");
      await page.click(".generate label:has-text('2:00')");
      await page.click("button:has-text('Generate roster')");
      await page.waitForSelector(".solving dd");
      await page.waitForFunction(() => document.querySelectorAll(".solving dt").length > 6, undefined, {
        timeout: LONG / 2,
      });
      await seen.look("board-progress");
      await page.click("button:has-text('Stop and keep the best')");
      await expect.poll(async () => (await versions(seen)).length, { timeout: LONG / 2 }).toBe(before + 1);
      await page.waitForFunction(() => !document.querySelector(".solving"), undefined, { timeout: LONG / 2 });
      await page.waitForSelector(".shift-bar");
    },
    LONG,
  );
});

describe("absences", () => {
  useBrowser();

  it(
    "enters sick calls, weighs answers, applies by one confirmation, takes back",
    async () => {
      const seen = await signedIn("planner");
      const { page } = seen;
      await seen.open("/day");
      await page.waitForSelector(".day-people");
      // Late in the day little can be done: the morning of the next one is still ahead.
      await page.click(".page-header .ant-select");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".day-person");
      const numbers = await page.locator(".day-person strong").allInnerTexts();
      await page.click("button:has-text('Paste a list')");
      await page.fill("[role=dialog] textarea", `${numbers.slice(0, 6).join("\n")}\nnobody 1`);
      await page.waitForSelector("text=Not working on this day: nobody 1");
      await page.click("[role=dialog] button:has-text('Enter 6')");
      await expect.poll(() => page.locator(".day-chip").count()).toBe(6);
      const before = (await versions(seen)).length;
      await page.click("button:has-text('Rank answers')");
      await page.waitForSelector(".day-options tbody tr:nth-child(9)", { timeout: LONG / 2 });
      await seen.look("day-answers");
      await page.click(".day-options label:has-text('Use people in reserve')");
      await page.click(".day-options label:has-text('Offer overtime')");
      await page.waitForSelector(".day-effect");
      expect((await versions(seen)).length, "asking changes nothing").toBe(before);
      await page.click("button:has-text('Apply')");
      await page.waitForSelector("text=Enter 6 absences and apply?");
      await page.click("[role=dialog] button:has-text('Apply and publish')");
      await page.waitForSelector(".day-applied", { timeout: LONG / 2 });
      const after = await versions(seen);
      expect(after.length).toBe(before + 1);
      await seen.look("day-applied");
      await page.click("button:has-text('Take it back')");
      await expect
        .poll(async () => (await versions(seen)).filter((v) => v.status === "published").length, {
          timeout: LONG / 2,
        })
        .toBe(after.filter((v) => v.status === "published").length + 1);
    },
    LONG,
  );

  it(
    "reads in Chinese as well",
    async () => {
      const seen = await signedIn("planner", { locale: "zh-CN" });
      await seen.open("/day");
      await seen.page.waitForSelector(".day-people");
      await seen.look("day-chinese");
      await seen.open("/roster");
      await seen.page.waitForSelector(".shift-bar");
      await seen.look("board-chinese");
    },
    LONG,
  );
});
