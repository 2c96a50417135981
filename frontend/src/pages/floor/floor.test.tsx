import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Floor, FloorQueue } from "../../api/models";
import { TestEventSource } from "../../testing/event-source";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import { activityOf } from "./agents";
import FloorPage from "./floor";

const server = startServer();
const queue: FloorQueue = {
  id: "q1",
  name: "Orders",
  client_id: "c1",
  channel: "voice",
  waiting: 0,
  longest_wait_seconds: 0,
  offered: 10,
  answered: 9,
  abandoned: 1,
  service_level: { numerator: 8, denominator: 10, value: "0.8000" },
  agents_busy: 3,
  agents_ready: 4,
  goal: "0.8",
  gap_agents: 0,
  raised: 1000,
  status: "good",
};
const floor: Floor = {
  at: new Date().toISOString(),
  seq: 1,
  queues: [queue, { ...queue, id: "q2", name: "Returns", service_level: { numerator: 0, denominator: 0 } }],
  agents: [{ id: "a1", label: "S1001", name: "王芳", state: "ready", since: new Date().toISOString() }],
  pools: [],
  alerts: [],
  costs: [],
};

describe("floor", () => {
  beforeEach(() =>
    server.use(
      http.get(`${location.origin}/api/v1/clients`, () => HttpResponse.json({ items: [] })),
      http.get(`${location.origin}/api/v1/floor`, () => HttpResponse.json(floor)),
      http.get(`${location.origin}/api/v1/floor/actions`, () => HttpResponse.json({ items: [] })),
    ),
  );
  const rows = () => within(screen.getAllByRole("table")[0]!).getAllByRole("row").slice(1);

  it("follows the stream without loading again, the worst queue first", async () => {
    await renderPage(<FloorPage />, sessionOf({}, ["floor:view"]));
    await screen.findByText("Orders");
    expect(rows().map((row) => row.querySelector("strong")!.textContent)).toEqual(["Orders", "Returns"]);
    act(() => {
      const stream = TestEventSource.at("/api/v1/floor/stream");
      stream.open();
      stream.send("floor", {
        ...floor,
        queues: [
          queue,
          { ...queue, id: "q2", name: "Returns", waiting: 7, longest_wait_seconds: 95, status: "bad" },
        ],
      });
    });
    expect(await screen.findByText("1:35")).toBeTruthy();
    expect(rows().map((row) => row.querySelector("strong")!.textContent)).toEqual(["Returns", "Orders"]);
    expect(screen.getByText("live")).toBeTruthy();
  });

  it("shows a service level that nothing was counted for as unknown", async () => {
    await renderPage(<FloorPage />, sessionOf({}, ["floor:view"]));
    await screen.findByText("Orders");
    expect(rows().map((row) => row.querySelector(".why-button")!.textContent)).toEqual(["80.0%", "–"]);
  });

  it("takes an alert on and does the proposed action after a look at its effect", async () => {
    const sent: { path: string; body: unknown }[] = [];
    const note = async ({ request }: { request: Request }) => {
      sent.push({ path: new URL(request.url).pathname, body: await request.json() });
    };
    const action = { kind: "slice_agents", agents: ["a1"], client_id: "c1" };
    server.use(
      http.get(`${location.origin}/api/v1/floor`, () =>
        HttpResponse.json({
          ...floor,
          alerts: [
            {
              id: "al1",
              rule: "projected",
              subject: "queue/q1",
              severity: "watch",
              value: 0.7123,
              threshold: 0.8,
              opened_at: new Date().toISOString(),
              seen_at: new Date().toISOString(),
              proposal: {
                action,
                agents: 2,
                effect: [{ queue_id: "q1", before: "0.7123", after: "0.8012" }],
              },
            },
          ],
        }),
      ),
      http.post(`${location.origin}/api/v1/floor/alerts/al1/acknowledge`, async (call) => {
        await note(call);
        return HttpResponse.json({});
      }),
      http.post(`${location.origin}/api/v1/floor/actions/preview`, () =>
        HttpResponse.json({ items: [{ queue_id: "q1", before: "0.7123", after: "0.8012" }] }),
      ),
      http.post(`${location.origin}/api/v1/floor/actions`, async (call) => {
        await note(call);
        return HttpResponse.json(
          { id: "e1", kind: action.kind, action, inverse: [action], done_at: floor.at },
          { status: 201 },
        );
      }),
    );
    await renderPage(<FloorPage />, sessionOf({}, ["floor:view", "floor:edit"]));
    expect(await screen.findByText("The day will end at 71.2%, goal 80.0%")).toBeTruthy();
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Take on" }));
    await waitFor(() => expect(sent.map((s) => s.path)).toContain("/api/v1/floor/alerts/al1/acknowledge"));
    await user.click(screen.getByRole("button", { name: "Reassign" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("80.1%")).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "Reassign" }));
    await waitFor(() => expect(sent.at(-1)).toEqual({ path: "/api/v1/floor/actions", body: action }));
    expect(await screen.findByRole("button", { name: "Undo" })).toBeTruthy();
  });

  it("lets those who may only look do nothing", async () => {
    await renderPage(<FloorPage />, sessionOf({}, ["floor:view"]));
    await screen.findByText("Orders");
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(screen.queryByRole("button", { name: "Raise" })).toBeNull();
  });
});

describe("what an agent does", () => {
  it("is the contact first, then the reason of a pause, then the state", () => {
    expect(activityOf({ state: "ready", queue: "q1" })).toBe("busy");
    expect(activityOf({ state: "not_ready", reason: "break" })).toBe("break");
    expect(activityOf({ state: "not_ready" })).toBe("not_ready");
    expect(activityOf({ state: "off" })).toBe("off");
  });
});
