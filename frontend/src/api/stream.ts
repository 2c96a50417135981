/** An event of a stream. */
export interface StreamEvent {
  type: string;
  /** Where a dropped stream goes on; empty where the server always sends the whole state. */
  id: string;
  data: unknown;
}

export type StreamState = "connecting" | "live" | "reconnecting";

export interface StreamOptions {
  /** Path of the stream; `last_event_id` is added when a dropped stream is opened anew. */
  url: string;
  /** Names of the events to listen to. */
  types: string[];
  onEvent: (event: StreamEvent) => void;
  /** The server cannot resume from where we were: load the snapshot again. */
  onReset: () => void;
  onState: (state: StreamState) => void;
  /** Replaceable in tests. */
  open?: (url: string) => EventSource;
  /** Milliseconds to wait before attempt n (from 1) after the browser gave up. */
  backoff?: (attempt: number) => number;
}

const patient = (attempt: number) => Math.min(15_000, 500 * 2 ** Math.min(attempt, 5));

/**
 * Follows a server-sent stream until closed. The browser resumes a dropped
 * connection by itself with Last-Event-ID; when it gives up (an HTTP error), we
 * open again after a pause, from the last event seen. An event that was already
 * seen is dropped, so a resume never applies one twice.
 */
export function follow(options: StreamOptions): () => void {
  const open = options.open ?? ((url) => new EventSource(url, { withCredentials: true }));
  const backoff = options.backoff ?? patient;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastId = "";
  let attempt = 0;
  let closed = false;

  const receive = (message: MessageEvent<string>) => {
    const id = message.lastEventId;
    if (id && id === lastId) return;
    if (id) lastId = id;
    options.onEvent({ type: message.type, id, data: JSON.parse(message.data) });
  };

  const connect = () => {
    if (closed) return;
    const mark = options.url.includes("?") ? "&" : "?";
    source = open(lastId ? `${options.url}${mark}last_event_id=${encodeURIComponent(lastId)}` : options.url);
    source.onopen = () => {
      attempt = 0;
      options.onState("live");
    };
    source.onmessage = receive;
    for (const type of options.types) source.addEventListener(type, receive as EventListener);
    source.addEventListener("reset", () => {
      lastId = "";
      options.onReset();
    });
    source.onerror = () => {
      if (closed) return;
      options.onState("reconnecting");
      if (source?.readyState === 2) {
        source.close();
        attempt += 1;
        timer = setTimeout(connect, backoff(attempt));
      }
    };
  };

  options.onState("connecting");
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}
