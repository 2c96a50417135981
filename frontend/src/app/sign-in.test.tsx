import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { renderPage, sessionOf } from "../testing/render";
import { startServer } from "../testing/server";
import { SignIn } from "./sign-in";

const server = startServer();
const url = `${location.origin}/api/v1/session`;

describe("sign-in", () => {
  it("says in the server's words why it was refused, with the request id", async () => {
    server.use(
      http.get(`${location.origin}/api/v1/clients`, () => HttpResponse.json({ items: [] })),
      http.post(url, () =>
        HttpResponse.json(
          { code: "session.wrong_credentials", detail: "Login or password is wrong." },
          { status: 401, headers: { "X-Request-Id": "r-9" } },
        ),
      ),
    );
    await renderPage(<SignIn />);
    await userEvent.type(await screen.findByLabelText("Login"), "ada");
    await userEvent.type(screen.getByLabelText("Password"), "wrong");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toBe("Login or password is wrong. (r-9)");
  });

  it("sends login and password as typed", async () => {
    let body: unknown;
    server.use(
      http.get(`${location.origin}/api/v1/clients`, () => HttpResponse.json({ items: [] })),
      http.post(url, async ({ request }) => {
        body = await request.json();
        return HttpResponse.json(sessionOf());
      }),
    );
    await renderPage(<SignIn />);
    await userEvent.type(await screen.findByLabelText("Login"), "ada");
    await userEvent.type(screen.getByLabelText("Password"), " s3cret ");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await expect.poll(() => body).toEqual({ login: "ada", password: " s3cret " });
  });
});
