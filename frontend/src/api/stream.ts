/** The envelope of every event, on every stream. */
export interface StreamEvent {
  id: string;
  type: string;
  v: number;
  at: string;
  client?: string;
  subject: string;
  seq: number;
  data: unknown;
}

export type StreamState = "connecting" | "live" | "reconnecting";

export interface StreamOptions {
  /** Path of the stream; `after` is added when a dropped stream is opened anew. */
  url: string;
  /** Events to listen to, by envelope type. */
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
 * open again after a pause, from the last sequence number seen. An event whose
 * sequence was already seen is dropped, so a resume never applies one twice.
 */
export function follow(options: StreamOptions): () => void {
  const open = options.open ?? ((url) => new EventSource(url, { withCredentials: true }));
  const backoff = options.backoff ?? patient;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastSeq = 0;
  let attempt = 0;
  let closed = false;

  const receive = (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as StreamEvent;
    if (event.seq && event.seq <= lastSeq) return;
    if (event.seq) lastSeq = event.seq;
    options.onEvent(event);
  };

  const connect = () => {
    if (closed) return;
    const mark = options.url.includes("?") ? "&" : "?";
    source = open(lastSeq > 0 ? `${options.url}${mark}after=${lastSeq}` : options.url);
    source.onopen = () => {
      attempt = 0;
      options.onState("live");
    };
    source.onmessage = receive;
    for (const type of options.types) source.addEventListener(type, receive as EventListener);
    source.addEventListener("reset", () => {
      lastSeq = 0;
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
