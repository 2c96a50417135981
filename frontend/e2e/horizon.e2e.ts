import { describe, expect, it } from "vitest";
import { signedIn, useBrowser } from "./browser";

/** The long range is a job: slow machines may take their time. */
const LONG = 300_000;

describe("beyond the coming weeks", () => {
  useBrowser();

  it(
    "planner: the long range is computed, charted and listed by week",
    async () => {
      const seen = await signedIn("planner");
      const { page } = seen;
      await seen.open("/forecast");
      await page.click("main label:has-text('Long range')");
      await page.locator("main button:has-text('Forecast the long range')").first().click();
      await page.fill("[role=dialog] .ant-input-number-input", "20");
      await page.fill("[role=dialog] input[maxlength]", "Budget");
      await seen.look("long-question");
      await page.click("[role=dialog] .ant-modal-footer .ant-btn-primary");
      await page.waitForSelector("main .edit-grid", { timeout: LONG / 2 });
      await page.waitForSelector("main .ant-select >> text=Budget");
      await page.waitForSelector("main .chart canvas");
      expect(await page.locator("main .edit-grid tbody tr").count()).toBeGreaterThan(2);
      await seen.look("long-answer");

      const chinese = await signedIn("planner", { locale: "zh-CN" });
      await chinese.open("/forecast");
      await chinese.page.click("main .page-header .ant-segmented-item >> nth=1");
      await chinese.page.waitForSelector("main .edit-grid");
      await chinese.page.waitForSelector("main .chart canvas");
      await chinese.look("long-answer-zh");
    },
    LONG,
  );
});
