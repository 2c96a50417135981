import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll } from "vitest";

/** A stand-in for the API at the network's edge; a call nobody expects fails the test. */
export function startServer() {
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());
  return server;
}
