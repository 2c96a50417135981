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
const idle: Desk = { state: "not_ready", reason: "break", since: now, contacts: [], parked: [] };
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
    },
  ],
  parked: [],
};
const talking: Desk = {
  ...offered,
  contacts: [
    {
      ...offered.contacts![0]!,
      state: "accepted",
      accepted_at: now,
      script: "Ask for the order number.",
      reason: {
        rule: "best_agent",
        strategy: "balanced",
        step: 0,
        step_kind: "widen",
        priority: { class: "normal", score: 1, slack_ms: 12_000, credit_ms: 0, penalty: 1000 },
        skill_match: { eligible: 7, widened: 2 },
        availability: { free: 3, capped: 1, reserved: 0, protected: 0, pool_shut: 0 },
        agents: [
          {
            agent_id: "a1",
            label: "S1001",
            score: 9,
            skill: 800,
            fit: 1000,
            load: 0,
            idle_ms: 65_000,
            occupancy: 500,
          },
        ],
      },
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

  it("shows script and reason, and transfers to an agent", async () => {
    desk = talking;
    const sent: unknown[] = [];
    server.use(
      http.get(at("/contacts/k1/targets"), () =>
        HttpResponse.json({
          queues: [{ id: "q2", name: "Returns", waiting: 3 }],
          agents: [{ id: "a2", label: "S1002", busy: false }],
        }),
      ),
      http.post(at("/contacts/k1/transfer"), async ({ request }) => {
        sent.push(await request.json());
        desk = idle;
        return HttpResponse.json(desk);
      }),
    );
    await renderPage(<AgentDay />, sessionOf());
    expect(await screen.findByText("Ask for the order number.")).toBeTruthy();
    expect(screen.getByText(/7 agents match, 2 of them/)).toBeTruthy();
    expect(screen.getByText(/1 barred by the client's cap/)).toBeTruthy();
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Transfer" }));
    await user.click(await screen.findByRole("combobox", { name: "Queue or agent" }));
    await user.click(await screen.findByText("S1002", { selector: ".ant-select-item-option-content" }));
    await user.click(screen.getAllByRole("button", { name: "Transfer" }).at(-1)!);
    await waitFor(() => expect(sent).toEqual([{ agent_id: "a2" }]));
  });

  it("takes a parked contact back", async () => {
    desk = {
      ...idle,
      parked: [
        {
          id: "k2",
          queue: "Orders",
          client: "Lumen Retail",
          channel: "chat",
          arrived_at: now,
          until: new Date(Date.now() + 600_000).toISOString(),
        },
      ],
    };
    server.use(
      http.post(at("/contacts/k2/resume"), () => {
        calls.push("resume");
        desk = offered;
        return HttpResponse.json(desk);
      }),
    );
    await renderPage(<AgentDay />, sessionOf());
    expect(await screen.findByText("Parked (1)")).toBeTruthy();
    await userEvent.setup().click(screen.getByRole("button", { name: "Take back" }));
    await waitFor(() => expect(calls).toContain("resume"));
    expect(await screen.findByRole("button", { name: "Accept" })).toBeTruthy();
  });
});
