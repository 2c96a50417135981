/** A failed call, as RFC 9457 describes it, with the request id that finds it in the server's log. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly params: Record<string, unknown>;
  readonly requestId: string;
  /** What is wrong field by field, when the server says so. */
  readonly fields: { location: string; message: string }[];

  constructor(init: {
    status: number;
    code: string;
    detail?: string;
    params?: Record<string, unknown>;
    requestId?: string;
    fields?: { location: string; message: string }[];
  }) {
    super(init.detail || init.code);
    this.name = "Problem";
    this.status = init.status;
    this.code = init.code;
    this.detail = init.detail ?? "";
    this.params = init.params ?? {};
    this.requestId = init.requestId ?? "";
    this.fields = init.fields ?? [];
  }

  /** Reads a problem from a response's parsed body; a body of another shape still yields a problem. */
  static from(body: unknown, response: Response): Problem {
    const doc = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    const fields = Array.isArray(doc.errors)
      ? doc.errors.map((e: Record<string, unknown>) => ({
          location: String(e.location ?? ""),
          message: String(e.message ?? ""),
        }))
      : [];
    return new Problem({
      status: response.status,
      code: typeof doc.code === "string" ? doc.code : `http_${response.status}`,
      detail: String(doc.detail ?? doc.title ?? ""),
      params: (doc.params as Record<string, unknown>) ?? {},
      requestId: String(doc.request_id ?? response.headers.get("X-Request-Id") ?? ""),
      fields,
    });
  }

  /** Wraps what a failed fetch throws: the server was not reached. */
  static unreachable(cause: unknown): Problem {
    return cause instanceof Problem ? cause : new Problem({ status: 0, code: "network_unreachable" });
  }

  /** Wraps anything thrown; what is no problem yet is a defect of the page. */
  static of(cause: unknown): Problem {
    if (cause instanceof Problem) return cause;
    return new Problem({ status: -1, code: "screen_defect", detail: String(cause) });
  }
}
