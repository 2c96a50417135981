import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Forecast } from "../../api/models";
import { forecastOf, pointOf, seriesOf } from "../../testing/planning";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import ForecastPage from "./forecast";

// The test's document has no canvas to draw on.
vi.mock("../../components/chart/echarts", () => ({
  init: () => ({ setOption() {}, resize() {}, dispose() {}, getDataURL: () => "" }),
}));

const server = startServer();
const at = (path: string) => `${location.origin}/api/v1${path}`;
const planner = sessionOf({}, ["forecasts:view", "forecasts:edit", "forecasts:publish"]);

describe("forecast page", () => {
  let stored: Forecast;
  let sent: unknown[] = [];
  const total = () => (stored.settings.adjustments?.some((a) => !a.undone) ? 500 : 40);

  beforeEach(() => {
    stored = forecastOf({ status: "published" });
    sent = [];
    const explain = {
      queues: [
        {
          queue_id: "q1",
          sentences: [],
          choices: [],
          backtest: [
            {
              method: "combined",
              lead: "week 1",
              chosen: true,
              wape: 0.1,
              bias: 0.01,
              mase: 0.7,
              day_wape: 0.05,
              floor: 0.09,
              origins: 8,
            },
            {
              method: "mean8",
              lead: "week 1",
              chosen: false,
              wape: 0.12,
              bias: 0,
              mase: 0.8,
              day_wape: 0.06,
              floor: 0.09,
              origins: 8,
            },
          ],
          corrections: [
            {
              id: "outage:1",
              kind: "outage",
              from: "2026-10-01T00:00:00Z",
              to: "2026-10-01T02:00:00Z",
              before: 0,
              after: 20,
              detail: "no contact where 20 were due",
            },
          ],
        },
      ],
    };
    server.use(
      http.get(at("/clients"), () =>
        HttpResponse.json({ items: [{ id: "c1", name: "Lumen", zone: "Asia/Shanghai" }] }),
      ),
      http.get(at("/clients/c1/queues"), () => HttpResponse.json({ items: [{ id: "q1", name: "Hotline" }] })),
      http.get(at("/calendars"), () => HttpResponse.json({ items: [] })),
      http.get(at("/forecasts"), () => HttpResponse.json({ items: [stored] })),
      http.get(at("/forecasts/:id"), () => HttpResponse.json({ ...stored, explain })),
      http.get(at("/forecasts/:id/series"), () =>
        HttpResponse.json(
          seriesOf([pointOf("2026-11-16T01:00:00Z", { forecast: total() }), pointOf("2026-11-17T01:00:00Z")]),
        ),
      ),
      http.post(at("/forecasts/:id/adjustments"), async ({ request }) => {
        const body = (await request.json()) as Record<string, unknown>;
        sent.push(body);
        stored = forecastOf({
          id: "f2",
          version: 3,
          settings: {
            source: "engine",
            days: 2,
            adjustments: [
              { id: "a1", by: "u1", at: "2026-11-15T20:00:00Z", undone: false, ...body } as never,
            ],
          },
        });
        return HttpResponse.json(stored, { status: 201 });
      }),
      http.put(at("/forecasts/f2/adjustments/a1"), async ({ request }) => {
        const { undone } = (await request.json()) as { undone: boolean };
        sent.push({ undone });
        stored = {
          ...stored,
          settings: { ...stored.settings, adjustments: [{ ...stored.settings.adjustments![0]!, undone }] },
        };
        return HttpResponse.json(stored);
      }),
    );
  });

  it("edits a day total by keyboard in a new draft, takes it back and makes it again", async () => {
    await renderPage(<ForecastPage />, planner);
    const grid = await screen.findByRole("grid");
    grid.focus();
    await userEvent.keyboard("500{Enter}");
    await waitFor(() =>
      expect(sent).toEqual([
        { kind: "day_total", day: "2026-11-16", value: 500, queue_id: "q1", name: "Changed by hand" },
      ]),
    );
    expect(await screen.findByText("Mon 16 Nov: day total 500")).toBeTruthy();
    expect(await screen.findByText(/draft version 3/)).toBeTruthy();
    await screen.findByRole("button", { name: "Undo" });
    screen.getByRole("grid").focus();
    await userEvent.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(sent.at(-1)).toEqual({ undone: true }));
    await screen.findByRole("button", { name: "Redo" });
    screen.getByRole("grid").focus();
    await userEvent.keyboard("{Control>}y{/Control}");
    await waitFor(() => expect(sent.at(-1)).toEqual({ undone: false }));
  });

  it("says why: the method against the 8-week mean and the floor, and corrections to refuse", async () => {
    let asked: unknown;
    server.use(
      http.post(at("/forecasts"), async ({ request }) => {
        asked = await request.json();
        return HttpResponse.json({ id: "j1", kind: "forecast", status: "waiting" }, { status: 202 });
      }),
      http.get(at("/jobs/j1"), () =>
        HttpResponse.json({ id: "j1", kind: "forecast", status: "running", progress: 0.5 }),
      ),
    );
    await renderPage(<ForecastPage />, planner);
    await userEvent.click(await screen.findByRole("button", { name: /Combination/ }));
    const panel = await screen.findByRole("dialog");
    expect(panel.textContent).toContain("8-week mean by 12.0%; chance alone makes 9.0%");
    await userEvent.click(within(panel).getByRole("checkbox", { name: /no contact where 20 were due/ }));
    await userEvent.click(within(panel).getByRole("button", { name: /without 1 corrections/ }));
    await userEvent.click(await screen.findByRole("button", { name: "Forecast" }));
    await waitFor(() =>
      expect(asked).toMatchObject({ client_id: "c1", from: "2026-11-16", refused: ["outage:1"] }),
    );
  });

  it("offers no change to those who may only look", async () => {
    await renderPage(<ForecastPage />, sessionOf({}, ["forecasts:view"]));
    const grid = await screen.findByRole("grid");
    grid.focus();
    await userEvent.keyboard("5");
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.queryByRole("button", { name: /Commit|Plan next|Change a range/ })).toBeNull();
  });

  it("says what a lock does not allow, and commits only with a reason", async () => {
    let committed: unknown;
    server.use(
      http.get(at("/forecasts/f1/locks"), () =>
        HttpResponse.json({
          forecast_id: "f1",
          today: "2026-11-15",
          blocked: true,
          months: [{ month: "2026-11-01", to: "2026-12-01", stage: "60d", locks: [] }],
          breaches: [
            {
              month: "2026-11-01",
              stage: "60d",
              from: "2026-11-16",
              to: "2026-11-17",
              committed: 100,
              proposed: 150,
              share: 0.5,
              below: 0.1,
              above: 0.1,
            },
          ],
        }),
      ),
      http.post(at("/forecasts/f1/commit"), async ({ request }) => {
        committed = await request.json();
        return HttpResponse.json({ ...stored, status: "committed" });
      }),
    );
    await renderPage(
      <ForecastPage />,
      sessionOf({}, ["forecasts:view", "forecasts:publish", "forecasts:unlock"]),
    );
    await userEvent.click(await screen.findByRole("button", { name: "Commit weeks 47 to Lumen" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("50.0%")).toBeTruthy();
    const button = within(dialog).getByRole<HTMLButtonElement>("button", { name: /Open the lock/ });
    expect(button.disabled).toBe(true);
    await userEvent.type(within(dialog).getByRole("textbox"), "agreed by phone");
    await userEvent.click(button);
    await waitFor(() => expect(committed).toEqual({ reason: "agreed by phone" }));
  });
});
