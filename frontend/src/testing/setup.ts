import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";
import { TestEventSource } from "./event-source";

// A limit for hangs, not a judgement of speed: machines are shared.
configure({ asyncUtilTimeout: 15_000 });

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

globalThis.EventSource = TestEventSource as unknown as typeof EventSource;
globalThis.scrollTo = () => {};
const computed = globalThis.getComputedStyle;
globalThis.getComputedStyle = (element) => computed(element);

afterEach(cleanup);
