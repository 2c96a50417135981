import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Invoice } from "../../api/models";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import { InvoiceView } from "./invoice";

const server = startServer();
const draft: Invoice = {
  id: "i1",
  client_id: "c1",
  client_name: "Lumen Retail",
  period: "2026-10",
  state: "draft",
  currency: "CNY",
  net: "508845.50",
  total: "539376.23",
  tax: "30530.73",
  lines: [
    {
      id: "l1",
      description: "Productive hours",
      quantity: "4312.25",
      unit: "hours",
      rate: "118.00",
      amount: "508845.50",
      trace: [{ label: "rate", value: "rate card v2" }],
    },
  ],
};

describe("invoice", () => {
  let issued = 0;
  beforeEach(() => {
    issued = 0;
    server.use(
      http.get(`${location.origin}/api/v1/clients`, () => HttpResponse.json({ items: [] })),
      http.post(`${location.origin}/api/v1/invoices/i1/issue`, () => {
        issued += 1;
        return HttpResponse.json({ ...draft, state: "issued", number: "2026-0007" });
      }),
    );
  });

  it("shows amounts as the ledger has them, and opens a line's reasons", async () => {
    await renderPage(<InvoiceView invoice={draft} />);
    expect(await screen.findByText("CNY 539,376.23")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: /508,845.50/ }));
    expect(await screen.findByText("rate card v2")).toBeTruthy();
  });

  it("issues only after saying what that means, and only once", async () => {
    await renderPage(<InvoiceView invoice={draft} />, sessionOf({}, ["invoices:view", "invoices:issue"]));
    await userEvent.click(await screen.findByRole("button", { name: "Issue invoice" }));
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("CNY 539,376.23");
    expect(issued).toBe(0);
    await userEvent.click(within(dialog).getByRole("button", { name: "Issue invoice" }));
    await waitFor(() => expect(issued).toBe(1));
    expect(await screen.findByText("Invoice 2026-0007 issued")).toBeTruthy();
  });

  it("offers no issuing without the right", async () => {
    await renderPage(<InvoiceView invoice={draft} />, sessionOf({}, ["invoices:view"]));
    await screen.findByText("CNY 539,376.23");
    expect(screen.queryByRole("button", { name: "Issue invoice" })).toBeNull();
  });

  it("offers no issuing of what is issued", async () => {
    await renderPage(
      <InvoiceView invoice={{ ...draft, state: "issued", number: "7" }} />,
      sessionOf({}, ["invoices:issue"]),
    );
    await screen.findByText("CNY 539,376.23");
    expect(screen.queryByRole("button", { name: "Issue invoice" })).toBeNull();
  });
});
