import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Desk } from "../../api/models";
import { TestEventSource } from "../../testing/event-source";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import AgentDay from "./day";

const server = startServer();
const at = (path: string) => `${location.origin}/api/v1/me${path}`;
const now = new Date().toISOString();
const idle: Desk = { state: "not_ready", reason: "break", since: now, contacts: [] };
const offered: Desk = {
  state: "ready",
  since: now,
  contacts: [
    {
      id: "k1",
      queue: "Orders",
      client: "Lumen Retail",
      channel: "voice",
      arrived_at: now,
      offered_at: now,
      state: "offered",
      reason: null,
    },
  ],
};

describe("agent's day", () => {
  let desk: Desk;
  const calls: string[] = [];
  beforeEach(() => {
    desk = idle;
    calls.length = 0;
    const become = (next: Desk, name: string) => {
      calls.push(name);
      desk = next;
      return HttpResponse.json(desk);
    };
    server.use(
      http.get(at("/shifts"), () =>
        HttpResponse.json({ agent: "A1", site: "North", zone: "UTC", shifts: [] }),
      ),
      http.get(at("/desk"), () => HttpResponse.json(desk)),
      http.post(at("/state"), async ({ request }) => {
        const { state } = (await request.json()) as { state: string };
        return become({ ...idle, state, reason: undefined }, `state ${state}`);
      }),
      http.post(at("/offers/k1/accept"), () =>
        become({ ...offered, contacts: [{ ...offered.contacts![0]!, state: "accepted" }] }, "accept"),
      ),
      http.post(at("/contacts/k1/finish"), () =>
        become({ ...offered, contacts: [{ ...offered.contacts![0]!, state: "wrapping" }] }, "finish"),
      ),
      http.post(at("/contacts/k1/wrapped"), () =>
        become({ ...idle, state: "ready", reason: undefined }, "wrapped"),
      ),
    );
  });

  it("takes a contact from ready to finished, told by the stream", async () => {
    await renderPage(<AgentDay />, sessionOf({ agent_id: "a1" }, ["desk:view", "desk:edit"]));
    await userEvent.click(await screen.findByRole("button", { name: "Ready" }));
    await waitFor(() => expect(calls).toEqual(["state ready"]));
    desk = offered;
    act(() => {
      TestEventSource.at("/api/v1/me/stream").open();
      TestEventSource.at("/api/v1/me/stream").send("desk", offered);
    });
    await userEvent.click(await screen.findByRole("button", { name: "Accept" }));
    await userEvent.click(await screen.findByRole("button", { name: "Finish" }));
    await userEvent.click(await screen.findByRole("button", { name: "Wrap-up done" }));
    await waitFor(() => expect(calls).toEqual(["state ready", "accept", "finish", "wrapped"]));
    expect(await screen.findByText(/The next contact appears here/)).toBeTruthy();
  });

  it("says when the connection is lost", async () => {
    await renderPage(<AgentDay />, sessionOf({ agent_id: "a1" }));
    await screen.findByText("My state");
    act(() => TestEventSource.at("/api/v1/me/stream").drop());
    expect(await screen.findByText("reconnecting")).toBeTruthy();
  });
});
