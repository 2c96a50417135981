import createClient, { type Middleware } from "openapi-fetch";
import { currentLocale } from "../text/locale";
import { Problem } from "./problem";
import type { paths } from "./schema";

/** The token that proves a write comes from our own page; it lives in memory only. */
let csrf = "";

export function setCsrf(token: string): void {
  csrf = token;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", currentLocale());
    if (!SAFE.has(request.method)) {
      if (csrf) request.headers.set("X-CSRF-Token", csrf);
      if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
        request.headers.set("Idempotency-Key", newKey());
      }
    }
    return request;
  },
};

/** A fresh idempotency key; randomUUID is missing on plain http hosts other than localhost. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** The typed client. `fetch` is looked up per call so that tests can replace it. */
export const client = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  credentials: "same-origin",
  fetch: (request) => globalThis.fetch(request),
});
client.use(headers);

/** The rows of a list; an absent list is an empty one. */
export function items<T>(page: { items: T[] | null }): T[] {
  return page.items ?? [];
}

type Outcome<T> = { data?: T; error?: unknown; response: Response };

let onSignedOut: () => void = () => {};

/** Registers what happens when the server no longer knows the session. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

/** Waits for a call and returns its value, or throws a Problem. */
export async function unwrap<T>(call: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await call;
  } catch (cause) {
    throw Problem.unreachable(cause);
  }
  if (!outcome.response.ok) {
    const problem = Problem.from(outcome.error, outcome.response);
    if (problem.status === 401) onSignedOut();
    throw problem;
  }
  return outcome.data as T;
}
