import { describe, expect, it } from "vitest";
import { signedIn, useBrowser, type Visit } from "./browser";

/** The text of a cell of the table of days, by the name of its row. */
async function dayCell(seen: Visit, row: string, column: number): Promise<string> {
  return (
    (await seen.page.locator(`.edit-grid tr:has(th:text-is("${row}")) td >> nth=${column}`).textContent()) ??
    ""
  );
}

/** A CSV of a client's own forecast: some days of one queue in the demo's coming weeks. */
function clientForecast(queue: string, firstDay: string): string {
  const lines = ["queue,start,volume"];
  const from = Date.parse(`${firstDay}T02:00:00Z`);
  for (let day = 0; day < 5; day++)
    for (let quarter = 0; quarter < 16; quarter++)
      lines.push(`${queue},${new Date(from + (day * 96 + quarter) * 900_000).toISOString()},${20 + quarter}`);
  return `${lines.join("\n")}\n`;
}

async function get<T>(seen: Visit, path: string): Promise<T[]> {
  return seen.page.evaluate(async (url) => (await (await fetch(url)).json()).items, `/api/v1${path}`);
}

describe("planning", () => {
  useBrowser();

  it("planner: a day total edited by keyboard, undone and made again", async () => {
    const seen = await signedIn("planner");
    await seen.open("/forecast");
    await seen.page.waitForSelector(".edit-grid");
    await seen.page.focus(".edit-grid");
    const column = Number(
      (await seen.page.getAttribute(".edit-grid td.edit-grid-cursor", "data-cell"))!.split(":")[1],
    );
    const before = await dayCell(seen, "Forecast, day total", column);
    await seen.page.keyboard.type("1234");
    await seen.page.keyboard.press("Enter");
    await seen.page.waitForSelector("text=Changed by hand");
    await seen.page.waitForSelector(".edit-grid td.edit-grid-changed >> text=1,234");
    await seen.look("planner-forecast-edited");
    await seen.page.focus(".edit-grid");
    await seen.page.keyboard.press("Control+z");
    await seen.page.waitForSelector(".adjust-undone");
    await seen.page.waitForFunction(() => !document.querySelector(".edit-grid-changed"));
    expect(await dayCell(seen, "Forecast, day total", column)).toBe(before);
    await seen.page.focus(".edit-grid");
    await seen.page.keyboard.press("Control+y");
    await seen.page.waitForSelector(".edit-grid td.edit-grid-changed >> text=1,234");
    await seen.page.click(".why-button");
    await seen.page.waitForSelector(".why-chosen");
    await seen.look("planner-forecast-why");
  });

  it("planner: a scenario from volume to cost", async () => {
    const seen = await signedIn("planner");
    await seen.open("/scenarios");
    await seen.page.click("text=New scenario");
    await seen.page.fill(".ant-modal input[maxlength]", "Promotion × 3");
    await seen.page.click("text=Create scenario");
    await seen.page.waitForSelector(".ant-modal >> text=Add a change");
    await seen.page.fill(".ant-modal input[maxlength]", "TV spot");
    await seen.page.fill(".ant-modal .ant-input-number-input", "3");
    await seen.page.waitForSelector("text=contacts become");
    await seen.page.click(".ant-modal-footer .ant-btn-primary");
    await seen.page.waitForSelector("main >> text=TV spot");
    await seen.page.waitForSelector("main .chart canvas");
    await seen.page.waitForSelector("tr:has-text('Hours to roster') >> text=/\\+\\d.*%/");
    await seen.look("planner-scenario");
  });

  it("planner: a special day in the calendar, and taken away again", async () => {
    const seen = await signedIn("planner");
    await seen.open("/calendar");
    const day = seen.page.locator(".month-day[aria-current]");
    await day.click();
    await seen.page.fill("label:has-text('Name') input", "Flash sale");
    await seen.page.click("text=Set 1 days");
    await seen.page.waitForSelector(".month-day[aria-current] >> text=Flash sale");
    await seen.look("planner-calendar");
    await seen.page.click("text=ordinary again");
    await seen.page.waitForFunction(
      () => !document.querySelector(".month-day[aria-current]")?.textContent?.includes("Flash sale"),
    );
  });

  it("client: uploads its own forecast, which stands beside the provider's", async () => {
    const seen = await signedIn("harvest");
    await seen.open("/commitments");
    const [client] = await get<{ id: string }>(seen, "/clients");
    const [queue] = await get<{ slug: string }>(seen, `/clients/${client!.id}/queues`);
    const [ours] = await get<{ start_at: string }>(seen, `/forecasts?client=${client!.id}`);
    const firstDay = new Date(Date.parse(ours!.start_at) + 7 * 86_400_000).toISOString().slice(0, 10);
    await seen.page.click("text=Upload our forecast");
    await seen.page.setInputFiles(".ant-modal input[type=file]", {
      name: "harvest.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(clientForecast(queue!.slug, firstDay)),
    });
    await seen.page.click(".ant-modal-footer .ant-btn-primary:has-text('Check the file')");
    await seen.page.click(".ant-modal-footer .ant-btn-primary:has-text('Hand in')");
    await seen.page.waitForSelector(".file-hash");
    expect(await seen.page.textContent(".file-hash")).toMatch(/^[0-9a-f]{64}$/);
    await seen.page.click(".ant-modal-footer .ant-btn-primary");
    await seen.page.waitForSelector("text=side by side");
    await seen.page.waitForSelector("text=Client's file harvest.csv");
    await seen.settled();
    await seen.look("client-commitments");
  });

  it.each(["en", "zh-CN"] as const)("looks right in %s", async (locale) => {
    const seen = await signedIn("manager", { locale });
    for (const page of ["forecast", "accuracy", "staffing", "scenarios", "calendar", "commitments"]) {
      await seen.open(`/${page}`);
      await seen.page.waitForSelector("main table, main .state");
      await seen.settled();
      await seen.look(`planning-${page}-${locale}`);
    }
  });
});
