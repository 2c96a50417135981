import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// What jsdom lacks and our components ask for.
class StillObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= StillObserver as unknown as typeof ResizeObserver;
globalThis.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  addEventListener() {},
  removeEventListener() {},
  addListener() {},
  removeListener() {},
})) as unknown as typeof matchMedia;

globalThis.scrollTo = () => {};

afterEach(cleanup);
