export type Attributes = Record<string, string | number | boolean>;

export interface SpanOptions {
  /** Who works for whom, as OpenTelemetry has it: `server` takes a request, `client` makes one, `consumer` takes from a queue. */
  kind?: "server" | "client" | "consumer";
  /** A `traceparent` (W3C Trace Context) that it belongs to, unless a span of that trace is open here already. */
  parent?: string | undefined;
  attributes?: Attributes;
}

/** A part of a trace that has begun. */
export interface OpenSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string | undefined;
  /** What a part elsewhere has as its parent. */
  readonly traceparent: string | undefined;
  set: (attributes: Attributes) => void;
  /** Does work that belongs to it. */
  within: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends it, once. @param error what it failed with */
  end: (error?: unknown) => void;
}

/** What is counted: few figures, and none by a person, an organization or a session. */
export interface Metrics {
  /** Requests of the API, by route and status. */
  request: (route: string, status: number, durationMs: number) => void;
  /** Calls of models that were sent to a provider, and how they ended. */
  modelCall: (provider: string, outcome: "ok" | "refused" | "failed", durationMs: number) => void;
  tokens: (provider: string, usage: { inputTokens: number; outputTokens: number }) => void;
  /** How long a command was in the queue before its agent was told. */
  queueWait: (kind: string, waitMs: number) => void;
  /** Says how many sessions this process carries, whenever it is asked. */
  sessions: (count: () => number) => void;
  /** A whole round of the sweep, by the process that does it. */
  sweep: (durationMs: number) => void;
  /** Says how many things were due when the sweep last looked, by kind, whenever it is asked. */
  sweepDue: (due: () => ReadonlyMap<string, number>) => void;
  /** A thing that was due and could not be done; it comes again. */
  sweepFailure: (what: string) => void;
  /** An attempt to tell a webhook of a run's end. */
  delivery: (outcome: "delivered" | "failed") => void;
}

export interface Telemetry {
  open: (name: string, options: SpanOptions) => OpenSpan;
  metrics: Metrics;
}
