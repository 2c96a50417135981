import { act, screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Floor, FloorQueue } from "../../api/models";
import { TestEventSource } from "../../testing/event-source";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import FloorPage, { activityOf } from "./floor";

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
  status: "good",
};
const floor: Floor = {
  at: new Date().toISOString(),
  seq: 1,
  queues: [queue, { ...queue, id: "q2", name: "Returns", service_level: { numerator: 0, denominator: 0 } }],
  agents: [{ id: "a1", label: "S1001", name: "王芳", state: "ready", since: new Date().toISOString() }],
};

describe("floor", () => {
  beforeEach(() =>
    server.use(
      http.get(`${location.origin}/api/v1/clients`, () => HttpResponse.json({ items: [] })),
      http.get(`${location.origin}/api/v1/floor`, () => HttpResponse.json(floor)),
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
});

describe("what an agent does", () => {
  it("is the contact first, then the reason of a pause, then the state", () => {
    expect(activityOf({ state: "ready", queue: "q1" })).toBe("busy");
    expect(activityOf({ state: "not_ready", reason: "break" })).toBe("break");
    expect(activityOf({ state: "not_ready" })).toBe("not_ready");
    expect(activityOf({ state: "off" })).toBe("off");
  });
});
