/** Stands in for the browser's EventSource; tests open it and send events through it. */
export class TestEventSource extends EventTarget {
  static readonly all: TestEventSource[] = [];
  readyState = 0;
  onopen?: () => void;
  onmessage?: (event: MessageEvent<string>) => void;
  onerror?: () => void;

  constructor(readonly url: string) {
    super();
    TestEventSource.all.push(this);
  }

  /** The stream that a component opened last at an address. */
  static at(path: string): TestEventSource {
    const found = TestEventSource.all.findLast(
      (source) => source.url.startsWith(path) && source.readyState !== 2,
    );
    if (!found) throw new Error(`no open stream at ${path}`);
    return found;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  send(type: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  drop(): void {
    this.onerror?.();
  }

  close(): void {
    this.readyState = 2;
  }
}
