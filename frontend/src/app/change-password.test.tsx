import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { renderPage } from "../testing/render";
import { startServer } from "../testing/server";
import { ChangePassword } from "./change-password";

const server = startServer();

describe("change of password", () => {
  let sent: unknown;
  beforeEach(() => {
    sent = undefined;
    server.use(
      http.get(`${location.origin}/api/v1/clients`, () => HttpResponse.json({ items: [] })),
      http.post(`${location.origin}/api/v1/session/password`, async ({ request }) => {
        sent = await request.json();
        return new HttpResponse(null, { status: 204 });
      }),
    );
  });

  const fill = async (again: string) => {
    await userEvent.type(await screen.findByLabelText("Current password"), "old-secret");
    await userEvent.type(screen.getByLabelText("New password, at least 10 characters"), "new-secret-1");
    await userEvent.type(screen.getByLabelText("New password again"), again);
    await userEvent.click(screen.getByRole("button", { name: "Change password" }));
  };

  it("asks for the new password twice and sends nothing when they differ", async () => {
    await renderPage(<ChangePassword />);
    await fill("new-secret-2");
    expect((await screen.findByRole("alert")).textContent).toBe("The two new passwords differ.");
    expect(sent).toBeUndefined();
  });

  it("sends old and new", async () => {
    await renderPage(<ChangePassword />);
    await fill("new-secret-1");
    await expect.poll(() => sent).toEqual({ old: "old-secret", new: "new-secret-1" });
  });
});
