import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { signedIn, useBrowser } from "./browser";

/** Waits until no list of choices is open or fading. */
const listsClosed = (page: Page) =>
  page.waitForFunction(
    () =>
      !document.querySelector(
        ".ant-select-dropdown:not(.ant-select-dropdown-hidden), .ant-select-dropdown[class*=-leave]",
      ),
  );

describe("setting up by form", () => {
  useBrowser();

  it("admin: a new client with queue, promise and price from one form, then a change of it", async () => {
    const seen = await signedIn("admin");
    await seen.open("/contracts");
    await seen.look("admin-contracts");
    await seen.page.click("text=Add a client");
    await seen.settled();
    await seen.page.click("text=Check and save");
    await seen.page.waitForSelector(".ant-form-item-explain-error");
    const fill = (id: string, value: string) => seen.page.fill(`#${id}`, value);
    const choose = async (id: string, value: string) => {
      await seen.page.click(`.ant-select:has(#${id})`);
      await seen.page.keyboard.type(value);
      await seen.page.keyboard.press("Enter");
      await listsClosed(seen.page);
    };
    await fill("client_name", "Northwind Energy");
    await fill("client_slug", "northwind");
    await choose("client_zone", "Europe/Berlin");
    await choose("client_currency", "EUR");
    await fill("lobs_0_name", "Service");
    await fill("lobs_0_slug", "service");
    await fill("lobs_0_queues_0_name", "Meter readings");
    await fill("lobs_0_queues_0_slug", "meters");
    await fill("legal_entity_name", "Meridian Europe GmbH");
    await fill("legal_entity_invoice_series", "MEG");
    await seen.page.click("text=Add a measure");
    await seen.page.click("text=Add a price");
    await fill("rates_rules_0_name", "Productive hours");
    await fill("rates_rules_0_price", "38.50");
    await seen.look("admin-contract-new");
    await seen.page.click("text=Check and save");
    await seen.page.waitForSelector(".contract-plan >> text=queue meters");
    await seen.page.click(".ant-modal-footer >> text=Put in force");
    await seen.page.waitForFunction(() => /^\/contracts\/[0-9a-f-]{36}$/.test(location.pathname));
    await seen.settled();
    expect(await seen.page.inputValue("#lobs_0_queues_0_service_level")).toBe("80");
    expect(await seen.page.isDisabled("#client_slug")).toBe(true);

    await fill("lobs_0_queues_0_service_level", "85");
    await seen.page.click("text=Check and save");
    await seen.page.waitForSelector(".contract-plan");
    expect(await seen.page.locator(".contract-plan li").allTextContents()).toEqual(["Changed: queue meters"]);
    await seen.page.click(".ant-modal-footer >> text=Put in force");
    await seen.page.waitForSelector(".contract-plan", { state: "detached" });
    await seen.settled();
    expect(await seen.page.inputValue("#lobs_0_queues_0_service_level")).toBe("85");
    await seen.look("admin-contract");
  });

  it("admin: one agent is added, and an error is told in place", async () => {
    const seen = await signedIn("admin");
    await seen.open("/people");
    await seen.page.click("text=Add an agent");
    await seen.page.fill("#number", "990001");
    await seen.page.fill("#name", "Noor Example");
    for (const id of ["site", "team"]) {
      await seen.page.click(`.ant-select:has(#${id})`);
      await seen.page.keyboard.press("Enter");
      await listsClosed(seen.page);
    }
    await seen.look("admin-person-new");
    await seen.page.click(".ant-modal-footer .ant-btn-primary");
    await seen.page.waitForSelector("text=Noor Example was added.");
    await seen.page.fill("main input[type=search], main .ant-input-search input", "990001");
    await seen.page.keyboard.press("Enter");
    await seen.page.waitForSelector(".ant-table-row >> text=Noor Example");
  });
});
