import { fireEvent, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import CalendarPage from "./calendar";
import { HoursBlock } from "./hours-block";
import { Proposals } from "./proposals";

const server = startServer();
const at = (path: string) => `${location.origin}/api/v1${path}`;
const calendar = {
  id: "k1",
  client_id: "c1",
  name: "Hotline",
  version: 7,
  zone: "Asia/Shanghai",
  queues: ["q1"],
  hours: [{ weekday: 1, open: 540, close: 1080 }],
  special: [],
  events: [],
};

describe("calendar page", () => {
  beforeEach(() =>
    server.use(
      http.get(at("/clients"), () => HttpResponse.json({ items: [{ id: "c1", name: "Lumen" }] })),
      http.get(at("/clients/c1/queues"), () =>
        HttpResponse.json({ items: [{ id: "q1", client_id: "c1", name: "Hotline" }] }),
      ),
      http.get(at("/calendars"), () => HttpResponse.json({ items: [calendar] })),
      http.get(at("/day-proposals"), () =>
        HttpResponse.json({
          items: [
            {
              id: "p1",
              client_id: "c1",
              calendar_id: "k1",
              day: "2026-10-15",
              name: "Busy Thursday",
              tag: "busy",
              size: 1.8,
              actual: 180,
              expected: 100,
              score: 6,
              status: "open",
            },
          ],
        }),
      ),
    ),
  );

  it("sets a day apart from its weekday, against the version that was read", async () => {
    let stored: { match: string | null; body: Record<string, unknown> } | undefined;
    server.use(
      http.put(at("/calendars/k1"), async ({ request }) => {
        stored = {
          match: request.headers.get("If-Match"),
          body: (await request.json()) as Record<string, unknown>,
        };
        return HttpResponse.json({ ...calendar, version: 8 });
      }),
    );
    await renderPage(<CalendarPage />, sessionOf({}, ["clients:view", "forecasts:edit"]));
    const today = await waitFor(() => {
      const found = document.querySelector<HTMLElement>(".month-day[aria-current]");
      if (!found) throw new Error("today is not on the page");
      return found;
    });
    fireEvent.click(today);
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "Spring sale" } });
    fireEvent.click(await screen.findByText("Set 1 days"));
    await waitFor(() => expect(stored).toBeDefined());
    expect(stored!.match).toBe('"v7"');
    expect(stored!.body.special).toEqual([
      { date: today.querySelector(".month-date")!.textContent, kind: "tagged", name: "Spring sale", tag: "" },
    ]);
    expect(stored!.body.hours).toEqual(calendar.hours);
  });

  it("offers no change without the right", async () => {
    await renderPage(<CalendarPage />, sessionOf({}, ["clients:view", "forecasts:view"]));
    expect(await screen.findByText(/Only to be read/)).toBeTruthy();
    expect(screen.queryByText(/Add holidays|Add event/)).toBeNull();
  });

  it("reads opening hours as people write them, and refuses overlapping ones", async () => {
    const onSave = vi.fn();
    await renderPage(<HoursBlock calendar={calendar} editable saving={false} onSave={onSave} />);
    const monday = await screen.findByLabelText("Opening hours Mon");
    fireEvent.change(monday, { target: { value: "9:00-12:00, 11:00-18:00" } });
    fireEvent.click(await screen.findByText("Save opening hours"));
    expect(onSave).not.toHaveBeenCalled();
    fireEvent.change(monday, { target: { value: "9:00-12:00, 13:00-18:00" } });
    fireEvent.click(screen.getByText("Save opening hours"));
    expect(onSave).toHaveBeenCalledWith([
      { weekday: 1, open: 540, close: 720 },
      { weekday: 1, open: 780, close: 1080 },
    ]);
  });

  it("accepts a proposed day", async () => {
    let decided: unknown;
    server.use(
      http.put(at("/day-proposals/p1"), async ({ request }) => {
        decided = await request.json();
        return HttpResponse.json({ id: "p1", status: "accepted" });
      }),
    );
    await renderPage(<Proposals clientId="c1" calendarId="k1" />, sessionOf({}, ["forecasts:edit"]));
    fireEvent.click(await screen.findByText("Make it special"));
    await waitFor(() => expect(decided).toEqual({ accept: true }));
  });
});
