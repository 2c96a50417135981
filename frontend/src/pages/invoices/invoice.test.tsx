import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Invoice } from "../../api/models";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import { InvoiceView } from "./invoice";

const server = startServer();
const cny = (value: string) => ({ value, currency: "CNY" });
const draft: Invoice = {
  id: "i1",
  client_id: "c1",
  period_id: "p1",
  kind: "invoice",
  status: "draft",
  label: "",
  from: "2026-10-01",
  until: "2026-11-01",
  net: cny("508845.50"),
  tax: cny("30530.73"),
  total: cny("539376.23"),
  version: 3,
  created_at: "2026-11-01T00:00:00Z",
  lines: [
    {
      no: 1,
      name: "Productive hours",
      kind: "charge",
      origin: "",
      from: "2026-10-01",
      until: "2026-11-01",
      quantity: "4312.25",
      unit: "hour",
      unit_price: "118.00",
      factor: "1",
      divisor: 1,
      places: 2,
      tax: "vat",
      tax_rate: "0.06",
      amount: cny("508845.50"),
      steps: [{ code: "measured", params: { raw: "15524100000" } }],
    },
  ],
};

describe("invoice", () => {
  let issued: unknown[] = [];
  beforeEach(() => {
    issued = [];
    server.use(
      http.get(`${location.origin}/api/v1/clients`, () =>
        HttpResponse.json({ items: [{ id: "c1", name: "Lumen Retail" }] }),
      ),
      http.post(`${location.origin}/api/v1/invoices/i1/review`, () =>
        HttpResponse.json({ ...draft, status: "reviewed", version: 4 }),
      ),
      http.post(`${location.origin}/api/v1/invoices/i1/issue`, async ({ request }) => {
        issued.push(await request.json());
        return HttpResponse.json({ ...draft, status: "issued", label: "2026-0007" });
      }),
    );
  });

  it("shows amounts as the ledger has them, and opens a line's reasons", async () => {
    await renderPage(<InvoiceView invoice={draft} />);
    expect(await screen.findByText("CNY 539,376.23")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: /508,845.50/ }));
    expect(await screen.findByText("15524100000")).toBeTruthy();
  });

  it("issues only after saying what that means, and only once", async () => {
    await renderPage(<InvoiceView invoice={draft} />, sessionOf({}, ["invoices:view", "invoices:issue"]));
    await userEvent.click(await screen.findByRole("button", { name: "Issue invoice" }));
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("CNY 539,376.23");
    expect(issued).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Issue invoice" }));
    await waitFor(() => expect(issued).toEqual([{ version: 4 }]));
    expect(await screen.findByText("Invoice 2026-0007 issued")).toBeTruthy();
  });

  it("offers no issuing without the right", async () => {
    await renderPage(<InvoiceView invoice={draft} />, sessionOf({}, ["invoices:view"]));
    await screen.findByText("CNY 539,376.23");
    expect(screen.queryByRole("button", { name: "Issue invoice" })).toBeNull();
  });

  it("offers no issuing of what is issued", async () => {
    await renderPage(
      <InvoiceView invoice={{ ...draft, status: "issued", label: "7" }} />,
      sessionOf({}, ["invoices:issue"]),
    );
    await screen.findByText("CNY 539,376.23");
    expect(screen.queryByRole("button", { name: "Issue invoice" })).toBeNull();
  });
});
