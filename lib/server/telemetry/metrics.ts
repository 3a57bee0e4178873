interface Declared {
  /** As OpenTelemetry has it; `docs/signals` and `docs/operating.md` name each. */
  name: string;
  kind: "histogram" | "counter" | "gauge";
  unit: string;
  /** What it is told apart by. */
  attributes: readonly string[];
}

/** Every metric of a server process. */
export const METRICS = {
  requests: {
    name: "studio.request.duration",
    kind: "histogram",
    unit: "ms",
    attributes: ["route", "status"],
  },
  modelCalls: {
    name: "studio.model.call.duration",
    kind: "histogram",
    unit: "ms",
    attributes: ["provider", "outcome"],
  },
  tokens: {
    name: "studio.model.tokens",
    kind: "counter",
    unit: "{token}",
    attributes: ["provider", "direction"],
  },
  queueWaits: { name: "studio.queue.wait", kind: "histogram", unit: "ms", attributes: ["kind"] },
  sessions: { name: "studio.sessions.active", kind: "gauge", unit: "{session}", attributes: [] },
  sweeps: { name: "studio.sweep.duration", kind: "histogram", unit: "ms", attributes: [] },
  sweepDue: { name: "studio.sweep.due", kind: "gauge", unit: "{item}", attributes: ["what"] },
  sweepFailures: { name: "studio.sweep.failures", kind: "counter", unit: "{item}", attributes: ["what"] },
  deliveries: {
    name: "studio.webhook.deliveries",
    kind: "counter",
    unit: "{delivery}",
    attributes: ["outcome"],
  },
} as const satisfies Record<string, Declared>;
