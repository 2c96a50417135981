import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow, type StreamState } from "./stream";

class FakeSource extends EventTarget {
  readyState = 0;
  closed = false;
  onopen?: () => void;
  onmessage?: (event: MessageEvent<string>) => void;
  onerror?: () => void;
  constructor(readonly url: string) {
    super();
  }
  close() {
    this.closed = true;
    this.readyState = 2;
  }
  send(type: string, id: string) {
    this.dispatchEvent(new MessageEvent(type, { lastEventId: id, data: JSON.stringify({ of: id }) }));
  }
  giveUp() {
    this.readyState = 2;
    this.onerror?.();
  }
}

function start(url = "/stream") {
  const sources: FakeSource[] = [];
  const events: string[] = [];
  const states: StreamState[] = [];
  let resets = 0;
  const stop = follow({
    url,
    types: ["queue"],
    onEvent: (event) => events.push(event.id),
    onReset: () => (resets += 1),
    onState: (state) => states.push(state),
    open: (address) => {
      const source = new FakeSource(address);
      sources.push(source);
      return source as unknown as EventSource;
    },
    backoff: (attempt) => attempt * 1000,
  });
  return { sources, events, states, stop, resets: () => resets };
}

describe("follow", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("passes events on and drops those seen before", () => {
    const s = start();
    s.sources[0]!.onopen?.();
    s.sources[0]!.send("queue", "4");
    s.sources[0]!.send("queue", "5");
    s.sources[0]!.send("queue", "5");
    expect(s.events).toEqual(["4", "5"]);
    expect(s.states).toEqual(["connecting", "live"]);
  });

  it("says reconnecting, and opens again from the last event when the browser gave up", () => {
    const s = start("/stream?client=c1");
    s.sources[0]!.send("queue", "7");
    s.sources[0]!.giveUp();
    expect(s.states.at(-1)).toBe("reconnecting");
    vi.advanceTimersByTime(999);
    expect(s.sources).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(s.sources[1]!.url).toBe("/stream?client=c1&last_event_id=7");
    s.sources[1]!.onopen?.();
    expect(s.states.at(-1)).toBe("live");
  });

  it("waits longer after each failure and starts over after a success", () => {
    const s = start();
    s.sources[0]!.giveUp();
    vi.advanceTimersByTime(1000);
    s.sources[1]!.giveUp();
    vi.advanceTimersByTime(1999);
    expect(s.sources).toHaveLength(2);
    vi.advanceTimersByTime(1);
    s.sources[2]!.onopen?.();
    s.sources[2]!.giveUp();
    vi.advanceTimersByTime(1000);
    expect(s.sources).toHaveLength(4);
  });

  it("leaves a connection alone that the browser is resuming", () => {
    const s = start();
    s.sources[0]!.onerror?.();
    vi.advanceTimersByTime(60_000);
    expect(s.sources).toHaveLength(1);
    expect(s.states.at(-1)).toBe("reconnecting");
  });

  it("asks for a new snapshot on reset and goes on from there", () => {
    const s = start();
    s.sources[0]!.send("queue", "90");
    s.sources[0]!.dispatchEvent(new Event("reset"));
    s.sources[0]!.send("queue", "1");
    expect(s.resets()).toBe(1);
    expect(s.events).toEqual(["90", "1"]);
  });

  it("opens nothing more once stopped", () => {
    const s = start();
    s.sources[0]!.giveUp();
    s.stop();
    vi.advanceTimersByTime(60_000);
    expect(s.sources).toHaveLength(1);
    expect(s.sources[0]!.closed).toBe(true);
  });
});
