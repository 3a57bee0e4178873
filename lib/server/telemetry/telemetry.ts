/**
 * This folder makes traces and metrics, where the operator has said where they go (`OTEL_EXPORTER_OTLP_…`). Elsewhere
 * nothing of OpenTelemetry is loaded, and what is here does nothing.
 */

import { telemetrySignals } from "../env.ts";
import { inRequestContext } from "../request-context.ts";
import { singleton } from "../singleton.ts";
import type { Metrics, OpenSpan, SpanOptions, Telemetry } from "./shape.ts";

const NO_SPAN: OpenSpan = {
  traceId: undefined,
  traceparent: undefined,
  set: () => undefined,
  within: async (work) => await work(),
  end: () => undefined,
};
const NONE: Telemetry = {
  open: () => NO_SPAN,
  metrics: {
    request: () => undefined,
    modelCall: () => undefined,
    tokens: () => undefined,
    queueWait: () => undefined,
    sessions: () => undefined,
    sweep: () => undefined,
    sweepDue: () => undefined,
    sweepFailure: () => undefined,
    delivery: () => undefined,
  },
};

const holder = () => singleton("telemetry", () => ({ made: NONE }));

/** Starts what the settings ask for; resolves once it may be used. Loads nothing where they ask for nothing. */
export async function startTelemetry(): Promise<void> {
  const signals = telemetrySignals();
  if (!signals.traces && !signals.metrics) return;
  const { makeTelemetry } = await import("./sdk.ts");
  holder().made = makeTelemetry(signals);
}

/** Where figures are counted. */
export const metrics = (): Metrics => holder().made.metrics;

/** Whether traces or metrics are made here. */
export const hasTelemetry = (): boolean => holder().made !== NONE;

/** Begins a part of a trace, to be ended by its caller. */
export const openSpan = (name: string, options: SpanOptions = {}): OpenSpan =>
  holder().made.open(name, options);

/** Does work as a part of a trace, whose id stands in its log lines. */
export async function traced<T>(
  name: string,
  options: SpanOptions,
  work: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  const span = openSpan(name, options);
  try {
    const { traceId, traceparent } = span;
    const inside = async () => await work(span);
    const result = await span.within(async () =>
      traceId === undefined || traceparent === undefined
        ? await inside()
        : await inRequestContext({ traceId, traceparent }, inside),
    );
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
