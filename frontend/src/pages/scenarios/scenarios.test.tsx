import { fireEvent, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Scenario, WhatIfFigures } from "../../api/models";
import { forecastOf, pointOf, seriesOf } from "../../testing/planning";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import { changeText } from "./figures";
import ScenariosPage from "./scenarios";

// The test's document has no canvas to draw on.
vi.mock("../../components/chart/echarts", () => ({
  init: () => ({ setOption() {}, resize() {}, dispose() {}, getDataURL: () => "" }),
}));

const server = startServer();
const at = (path: string) => `${location.origin}/api/v1${path}`;
const figures = (volume: number): WhatIfFigures => ({
  volume,
  seat_hours: volume / 10,
  roster_hours: volume / 8,
  fte: volume / 100,
  peak_seats: 5,
  cost: { value: String(volume * 10), currency: "CNY" },
});

describe("scenarios page", () => {
  let stored: Scenario[] = [];
  let changed: { match: string | null; body: { adjustments: unknown[] } } | undefined;
  beforeEach(() => {
    stored = [];
    changed = undefined;
    server.use(
      http.get(at("/clients"), () => HttpResponse.json({ items: [{ id: "c1", name: "Lumen" }] })),
      http.get(at("/clients/c1/queues"), () => HttpResponse.json({ items: [{ id: "q1", name: "Hotline" }] })),
      http.get(at("/forecasts"), () => HttpResponse.json({ items: [forecastOf({ status: "published" })] })),
      http.get(at("/forecasts/f1/series"), () =>
        HttpResponse.json(seriesOf([pointOf("2026-11-16T01:00:00Z")])),
      ),
      http.get(at("/scenarios"), () => HttpResponse.json({ items: stored })),
      http.post(at("/scenarios"), async ({ request }) => {
        const body = (await request.json()) as { name: string; forecast_id: string };
        stored = [
          {
            id: "s1",
            client_id: "c1",
            adjustments: [],
            edition: 1,
            created_by: "u1",
            created_at: "2026-11-15T00:00:00Z",
            updated_at: "2026-11-15T00:00:00Z",
            ...body,
          },
        ];
        return HttpResponse.json(stored[0], { status: 201 });
      }),
      http.put(at("/scenarios/s1"), async ({ request }) => {
        changed = {
          match: request.headers.get("If-Match"),
          body: (await request.json()) as { adjustments: unknown[] },
        };
        stored = [{ ...stored[0]!, edition: 2 }];
        return HttpResponse.json(stored[0]);
      }),
      http.get(at("/scenarios/s1/outcome"), () =>
        HttpResponse.json({
          scenario_id: "s1",
          forecast_id: "f1",
          week_hours: 40,
          base: figures(800),
          scenario: figures(1000),
          days: [],
          queues: [],
          notes: [],
        }),
      ),
    );
  });

  it("names a what-if, adds a change and shows what it needs and costs", async () => {
    await renderPage(<ScenariosPage />, sessionOf({}, ["staffing:view", "forecasts:edit"]));
    fireEvent.click(await screen.findByText("New scenario …"));
    fireEvent.change(await screen.findByPlaceholderText("e.g. promotion × 3"), {
      target: { value: "Promotion × 3" },
    });
    fireEvent.click(screen.getByText("Create scenario"));
    fireEvent.change(await screen.findByPlaceholderText("e.g. spring promotion"), {
      target: { value: "TV spot" },
    });
    fireEvent.change(document.querySelector(".ant-input-number-input")!, { target: { value: "3" } });
    expect(await screen.findByText("10 contacts become 30.")).toBeTruthy();
    fireEvent.click(document.querySelector(".ant-modal-footer .ant-btn-primary")!);
    await waitFor(() => expect(changed).toBeDefined());
    expect(changed!.match).toBe('"v1"');
    expect(changed!.body.adjustments).toEqual([
      {
        name: "TV spot",
        kind: "multiply",
        value: 3,
        from: "2026-11-15T16:00:00.000Z",
        to: "2026-11-16T16:00:00.000Z",
      },
    ]);
    expect(await screen.findByText("+200 (+25.0%)")).toBeTruthy();
    expect(screen.getByText("CNY 10,000")).toBeTruthy();
  });
});

describe("a change of a figure", () => {
  it("is unknown where one side is not the reader's to see", () => {
    const hidden = { ...figures(1), cost: null as never };
    expect(changeText(hidden, figures(2), "cost", 0)).toBe("–");
    expect(changeText(figures(100), figures(50), "volume", 0)).toBe("-50 (-50.0%)");
  });
});
