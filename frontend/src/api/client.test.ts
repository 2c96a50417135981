import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { startServer } from "../testing/server";
import { client, setCsrf, unwrap, whenSignedOut } from "./client";
import { Problem } from "./problem";
import { sessionQuery } from "./queries";

const server = startServer();
const at = (path: string) => `${location.origin}/api/v1${path}`;

describe("client", () => {
  beforeEach(() => setCsrf("token"));

  it("proves writes with the CSRF token and an idempotency key, and reads with neither", async () => {
    const seen: Headers[] = [];
    server.use(
      http.get(at("/clients"), ({ request }) => {
        seen.push(request.headers);
        return HttpResponse.json({ items: [] });
      }),
      http.post(at("/me/state"), ({ request }) => {
        seen.push(request.headers);
        return HttpResponse.json({});
      }),
    );
    await unwrap(client.GET("/api/v1/clients"));
    await unwrap(client.POST("/api/v1/me/state", { body: { state: "ready" } }));
    expect(seen[0]!.get("X-CSRF-Token")).toBeNull();
    expect(seen[0]!.get("Accept-Language")).toMatch(/^(en|zh-CN)$/);
    expect(seen[1]!.get("X-CSRF-Token")).toBe("token");
    expect(seen[1]!.get("Idempotency-Key")).toMatch(/^[0-9a-f]{32}$/);
  });

  it("turns a refusal into a problem with code, parameters and request id", async () => {
    server.use(
      http.post(at("/me/state"), () =>
        HttpResponse.json(
          {
            title: "Conflict",
            detail: "The shift has ended.",
            code: "desk.closed",
            params: { shift: "7" },
            errors: [{ location: "body.state", message: "unknown" }],
          },
          { status: 409, headers: { "X-Request-Id": "r-1", "Content-Type": "application/problem+json" } },
        ),
      ),
    );
    const failure = await unwrap(client.POST("/api/v1/me/state", { body: { state: "off" } })).catch(
      (cause: unknown) => cause,
    );
    expect(failure).toBeInstanceOf(Problem);
    expect(failure).toMatchObject({
      status: 409,
      code: "desk.closed",
      detail: "The shift has ended.",
      params: { shift: "7" },
      requestId: "r-1",
      fields: [{ location: "body.state", message: "unknown" }],
    });
  });

  it("names an unreachable server", async () => {
    server.use(http.get(at("/clients"), () => HttpResponse.error()));
    await expect(unwrap(client.GET("/api/v1/clients"))).rejects.toMatchObject({
      status: 0,
      code: "network_unreachable",
    });
  });

  it("survives an error page that is not JSON", async () => {
    server.use(http.get(at("/clients"), () => new HttpResponse("<h1>Bad gateway</h1>", { status: 502 })));
    await expect(unwrap(client.GET("/api/v1/clients"))).rejects.toMatchObject({
      status: 502,
      code: "http_502",
    });
  });

  it("tells the application when the session is gone, and reads it as nobody", async () => {
    const gone = vi.fn();
    whenSignedOut(gone);
    server.use(
      http.get(at("/session"), () => HttpResponse.json({ code: "session.missing" }, { status: 401 })),
    );
    const session = await (sessionQuery.queryFn as unknown as () => Promise<unknown>)();
    expect(session).toBeNull();
    expect(gone).toHaveBeenCalled();
  });
});
