import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CapacityQuestion, PlanPoint } from "../../api/models";
import { forecastOf, pointOf, seriesOf } from "../../testing/planning";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import { allTexts, startText, text } from "../../text/text";
import { capacityGrid } from "./capacity-grid";
import { planCells, planGrid } from "./plan-grid";
import StaffingPage from "./staffing";

beforeAll(async () => {
  localStorage.setItem("muster.locale", "en");
  await startText();
  await allTexts();
});

const point = (start: string, part: Partial<PlanPoint> = {}): PlanPoint => ({
  queue_id: "q1",
  start_at: start,
  seats: 7,
  scheduled: 8.2,
  service_level: 0.86,
  abandonment: 0.02,
  occupancy: 0.71,
  asa_ms: 14_000,
  reason: "service_level",
  contacts: 21,
  aht_ms: 240_000,
  ...part,
});

describe("the table of a plan", () => {
  const options = {
    zone: "Asia/Shanghai",
    hours: 0.25,
    measure: "seats" as const,
    days: ["2026-11-16", "2026-11-17"],
  };

  it("sums queues, and finds the interval that needs most", () => {
    const cells = planCells([
      point("2026-11-16T01:00:00Z"),
      point("2026-11-16T01:00:00Z", { queue_id: "q2", seats: 2, scheduled: 2 }),
      point("2026-11-17T01:15:00Z"),
    ]);
    const grid = planGrid(text(), cells, options);
    expect(grid.rows.map((row) => row.key)).toEqual(["peak", "hours", "09:00", "09:15"]);
    expect(grid.rows[0]!.cells.map((cell) => cell.value)).toEqual([9, 7]);
    expect(grid.rows[1]!.cells[0]!.value).toBeCloseTo(2.55);
    expect(grid.cellAt(2, 0)).toMatchObject({ seats: 9, point: undefined });
    expect(grid.cellAt(0, 0)).toBeUndefined();
    expect(grid.busiest?.seats).toBe(9);
  });
});

describe("the table of capacity", () => {
  const question: CapacityQuestion = {
    currency: "CNY",
    heads: 10,
    months: [
      {
        name: "2026-12",
        required_hours: 1000,
        hours_per_fte: 150,
        shrinkage: [{ type: "leave", rate: 0.08 }],
        attrition: 0.02,
        cost_per_head_minor: 500_000,
      },
    ],
  };

  it("takes shares in per cent and money in major units", () => {
    const grid = capacityGrid(text(), question, undefined);
    const row = (key: string) => grid.rows.findIndex((r) => r.key === key);
    const next = grid.apply([
      { row: row("shrinkage leave"), col: 0, value: 12 },
      { row: row("attrition"), col: 0, value: 3 },
      { row: row("cost_per_head"), col: 0, value: 6000 },
    ]);
    expect(next.months).toEqual([
      {
        ...question.months![0],
        shrinkage: [{ type: "leave", rate: 0.12 }],
        attrition: 0.03,
        cost_per_head_minor: 600_000,
      },
    ]);
    expect(question.months![0]!.attrition).toBe(0.02);
  });
});

describe("staffing page", () => {
  const server = startServer();
  const at = (path: string) => `${location.origin}/api/v1${path}`;
  beforeEach(() =>
    server.use(
      http.get(at("/clients"), () => HttpResponse.json({ items: [{ id: "c1", name: "Lumen" }] })),
      http.get(at("/clients/c1/queues"), () => HttpResponse.json({ items: [{ id: "q1", name: "Hotline" }] })),
      http.get(at("/forecasts"), () => HttpResponse.json({ items: [forecastOf({ status: "published" })] })),
      http.get(at("/forecasts/f1/series"), () =>
        HttpResponse.json(seriesOf([pointOf("2026-11-16T01:00:00Z")])),
      ),
      http.get(at("/staffing/plans/p1/points"), () =>
        HttpResponse.json({ items: [point("2026-11-16T01:00:00Z")] }),
      ),
      http.get(at("/staffing/plans/p1/service-levels"), () =>
        HttpResponse.json({
          items: [
            {
              start: "2026-11-16T01:00:00Z",
              seats: 7,
              levels: [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.78, 0.86, 0.93, 0.97],
            },
          ],
        }),
      ),
    ),
  );
  const setting = {
    queue_id: "q1",
    kind: "live",
    service_level: 0.8,
    threshold_s: 20,
    shrinkage: 0.12,
    concurrency: 1,
    seat_hours: 100,
    roster_hours: 114,
  };

  it("explains the busiest interval: the goal that decided, and what a seat less would buy", async () => {
    server.use(
      http.get(at("/staffing/plans"), () =>
        HttpResponse.json({
          items: [
            {
              id: "p1",
              client_id: "c1",
              forecast_id: "f1",
              version: 1,
              settings: { queues: [setting] },
              created_at: "2026-11-15T00:00:00Z",
            },
          ],
        }),
      ),
    );
    await renderPage(<StaffingPage />, sessionOf({}, ["staffing:view"]));
    expect(await screen.findByText("78.0%")).toBeTruthy();
    expect(screen.getByText("Decided by").parentElement?.textContent).toContain("service level");
    expect(screen.queryByRole("button", { name: "Compute requirement" })).toBeNull();
  });

  it("computes the first requirement as a job, staffed to a quantile if asked", async () => {
    let asked: unknown;
    server.use(
      http.get(at("/staffing/plans"), () => HttpResponse.json({ items: [] })),
      http.post(at("/staffing/plans"), async ({ request }) => {
        asked = await request.json();
        return HttpResponse.json({ id: "j1", kind: "staffing", status: "waiting" }, { status: 202 });
      }),
      http.get(at("/jobs/j1"), () =>
        HttpResponse.json({ id: "j1", kind: "staffing", status: "running", progress: 0.4 }),
      ),
    );
    await renderPage(<StaffingPage />, sessionOf({}, ["staffing:view", "staffing:edit"]));
    expect(await screen.findByText("No requirement yet")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Compute requirement" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(dialog.querySelector<HTMLElement>(".ant-modal-footer .ant-btn-primary")!);
    await waitFor(() => expect(asked).toEqual({ forecast_id: "f1" }));
  });
});
