import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import AccuracyPage from "./accuracy";

const server = startServer();
const at = (path: string) => `${location.origin}/api/v1${path}`;
const scored = {
  forecast_id: "f1",
  client_id: "c1",
  queue_id: "q1",
  version: 4,
  week: "2026-01-05",
  weeks_ahead: 2,
  forecast: 900,
  actual: 1000,
  wape: 0.31,
  day_wape: 0.12,
  floor: 0.1,
  bias: -0.1,
};

describe("accuracy page", () => {
  beforeEach(() =>
    server.use(
      http.get(at("/clients"), () => HttpResponse.json({ items: [{ id: "c1", name: "Lumen" }] })),
      http.get(at("/clients/c1/queues"), () => HttpResponse.json({ items: [{ id: "q1", name: "Hotline" }] })),
      http.get(at("/forecast-drift"), () =>
        HttpResponse.json({
          items: [
            {
              forecast_id: "f1",
              client_id: "c1",
              queue_id: "q1",
              week: "2026-01-05",
              wape: 0.31,
              promised: 0.17,
              bias: -0.1,
            },
          ],
        }),
      ),
    ),
  );

  it("warns of weeks worse than promised, and shows bias and floor by lead", async () => {
    server.use(http.get(at("/forecast-accuracy"), () => HttpResponse.json({ items: [scored] })));
    await renderPage(<AccuracyPage />, sessionOf({}, ["forecasts:edit"]));
    expect(await screen.findByText("17.0%")).toBeTruthy();
    expect(screen.getAllByText("2 weeks").length).toBeGreaterThan(0);
    expect(screen.getAllByText("-10.0%").length).toBeGreaterThan(0);
  });

  it("says what to do when nothing can be scored", async () => {
    server.use(http.get(at("/forecast-accuracy"), () => HttpResponse.json({ items: [] })));
    await renderPage(<AccuracyPage />, sessionOf({}, ["forecasts:edit"]));
    expect(await screen.findByText("Nothing to score yet")).toBeTruthy();
  });
});
