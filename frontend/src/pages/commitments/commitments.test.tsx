import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { CommitmentTerms, Forecast } from "../../api/models";
import { forecastOf } from "../../testing/planning";
import { renderPage, sessionOf } from "../../testing/render";
import { startServer } from "../../testing/server";
import CommitmentsPage from "./commitments";
import { counterparts } from "./comparison";
import { draftOf } from "./terms-dialog";

const server = startServer();
const at = (path: string) => `${location.origin}/api/v1${path}`;
const ours = forecastOf({ status: "committed" });
const theirs = forecastOf({
  id: "f7",
  version: 7,
  status: "published",
  settings: { source: "client", days: 2, file_name: "ours.csv", file_sha256: "ab12cd34ef56ab12cd34ef56" },
});

describe("commitments page", () => {
  let list: Forecast[] = [];
  beforeEach(() => {
    list = [ours];
    server.use(
      http.get(at("/clients"), () => HttpResponse.json({ items: [{ id: "c1", name: "Lumen" }] })),
      http.get(at("/clients/c1/queues"), () => HttpResponse.json({ items: [{ id: "q1", name: "Hotline" }] })),
      http.get(at("/clients/c1/commitment-terms"), () => HttpResponse.json({ items: [] })),
      http.get(at("/clients/c1/commitment-report"), () =>
        HttpResponse.json({
          items: [
            {
              month: "2026-11-01",
              to: "2026-12-01",
              stage: "60d",
              queue_id: "q1",
              grain: "day",
              below: 0.1,
              above: 0.1,
              forecast_id: "f1",
              version: 2,
              committed: 1000,
              forecast: 1010,
              due: 500,
              actual: 600,
              share: 0.2,
              units: 10,
              inside: 4,
              under: 0,
              over: 6,
              status: "outside",
            },
          ],
        }),
      ),
      http.get(at("/commitments"), () => HttpResponse.json({ items: [] })),
      http.get(at("/forecasts"), () => HttpResponse.json({ items: list })),
      http.get(at("/forecasts/f1/comparison"), () =>
        HttpResponse.json({
          first: {},
          second: {},
          weeks: [
            {
              week: "2026-11-16",
              first: 100,
              second: 80,
              bias: 0.25,
              wape: 0.3,
              actual: null,
              first_wape: null,
              second_wape: null,
              first_bias: null,
              second_bias: null,
              floor: null,
            },
          ],
        }),
      ),
    );
  });

  it("judges what came against what was committed, and explains it", async () => {
    await renderPage(<CommitmentsPage />, sessionOf({}, ["forecasts:view"], "client:c1"));
    const deviation = await screen.findByRole("button", { name: "20.0%" });
    expect(screen.getByText("November 2026")).toBeTruthy();
    expect(screen.getByText("60 days before")).toBeTruthy();
    await userEvent.click(deviation);
    expect(await screen.findByText("4 / 10")).toBeTruthy();
    expect(screen.queryByRole("button", { name: /Upload/ })).toBeNull();
  });

  it("takes the client's file as it is and shows its fingerprint, then both side by side", async () => {
    let sent: Record<string, unknown> | undefined;
    let checks = 0;
    server.use(
      http.post(at("/forecasts/import/preview"), () =>
        HttpResponse.json(
          checks++ === 0
            ? {
                rows: 0,
                queues: [],
                missing: [],
                issues: [{ line: 2, text: "the queue is none of the client's" }],
              }
            : { rows: 1, from: "2026-11-16", to: "2026-11-17", queues: [], missing: [], issues: [] },
        ),
      ),
      http.post(at("/forecasts/import"), async ({ request }) => {
        sent = (await request.json()) as Record<string, unknown>;
        list = [theirs, ours];
        return HttpResponse.json(theirs, { status: 201 });
      }),
    );
    await renderPage(<CommitmentsPage />, sessionOf({}, ["forecasts:view", "forecasts:upload"], "client:c1"));
    await userEvent.click(await screen.findByRole("button", { name: "Upload our forecast …" }));
    const dialog = await screen.findByRole("dialog");
    const csv = "queue,start,volume\nhotline,2026-11-16T09:00:00+08:00,12\n";
    const choose = () =>
      userEvent.upload(
        within(dialog).getByLabelText("File"),
        new File([csv], "ours.csv", { type: "text/csv" }),
      );
    await choose();
    await userEvent.click(within(dialog).getByRole("button", { name: "Check the file" }));
    // A wrong line is told, and nothing can be handed in before it is mended.
    expect(await within(dialog).findByText("the queue is none of the client's")).toBeTruthy();
    expect(sent).toBeUndefined();
    await choose();
    await userEvent.click(within(dialog).getByRole("button", { name: "Check the file" }));
    await userEvent.click(await within(dialog).findByRole("button", { name: "Hand in 1 lines" }));
    expect(await within(dialog).findByText(theirs.settings.file_sha256!)).toBeTruthy();
    expect(sent).toMatchObject({ client_id: "c1", file_name: "ours.csv", file: btoa(csv) });
    await userEvent.click(dialog.querySelector<HTMLElement>(".ant-modal-footer .ant-btn-primary")!);
    expect(await screen.findByText("25.0%")).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});

describe("the next version of what is agreed", () => {
  it("begins as the newest one, from the next first of a fiscal month", () => {
    expect(draftOf(undefined, "2026-11-21")).toMatchObject({ valid_from: "2026-12-01", stages: [] });
    const newest = {
      version: 3,
      valid_from: "2026-01-22",
      terms: { fiscal_start_day: 22, keep_files_months: 12, stages: [] },
    } as unknown as CommitmentTerms;
    expect(draftOf(newest, "2026-11-21")).toMatchObject({ valid_from: "2026-11-22", keep_files_months: 12 });
    expect(draftOf(newest, "2026-12-31").valid_from).toBe("2027-01-22");
    expect(draftOf({ ...newest, valid_from: "2027-02-22" }, "2026-11-21").valid_from).toBe("2027-03-22");
  });
});

describe("counterparts", () => {
  it("are the client's newest forecast and ours for the same days", () => {
    expect(counterparts([theirs, ours])).toEqual({ theirs, ours });
    expect(counterparts([ours])).toBeUndefined();
    expect(counterparts([theirs, { ...ours, status: "draft" }])).toBeUndefined();
  });
});
