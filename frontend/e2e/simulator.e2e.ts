import { describe, it } from "vitest";
import { signedIn, useBrowser } from "./browser";

/** Playing a day is a job: slow machines may take their time. */
const LONG = 240_000;

describe("the simulator", () => {
  useBrowser();

  it(
    "planner: plays a roster's day against more absence; the answer appears and stays",
    async () => {
      const seen = await signedIn("planner");
      const { page } = seen;
      await seen.open("/simulator");
      await page.locator("main button:has-text('New trial')").first().click();
      await page.fill("[role=dialog] #name", "Twice as many sick");
      await page.fill("[role=dialog] #absent", "5");
      await page.fill("[role=dialog] #otherAbsent", "25");
      await page.fill("[role=dialog] #replications", "4");
      await seen.look("simulator-question");
      await page.click("[role=dialog] button:has-text('Run')");
      await page.waitForSelector("text=B against A, 4 paired replications", { timeout: LONG / 2 });
      await page.waitForSelector("main .chart canvas");
      await page.waitForSelector(".trial-list [aria-current=page] >> text=Twice as many sick");
      await page.waitForFunction(() => !document.querySelector("[role=dialog]"));
      await seen.look("simulator-answer");

      const chinese = await signedIn("planner", { locale: "zh-CN" });
      await chinese.open("/simulator");
      await chinese.page.waitForSelector("main .chart canvas");
      await chinese.look("simulator-answer-zh");
      await chinese.page.locator("main .page-header button").first().click();
      await chinese.page.waitForSelector("[role=dialog] #replications");
      await chinese.look("simulator-question-zh");
    },
    LONG,
  );
});
