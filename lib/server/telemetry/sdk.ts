import {
  type Context,
  context,
  isSpanContextValid,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { VERSION } from "#domain/version.ts";
import { log, messageOf } from "../log.ts";
import { METRICS } from "./metrics.ts";
import type { Metrics, OpenSpan, SpanOptions, Telemetry } from "./shape.ts";

const NAME = "studio";
type Declared<Kind> = Extract<(typeof METRICS)[keyof typeof METRICS], { kind: Kind }>;
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER };

/** The context of a span from outside, unless a span of the same trace is open here: then that is the nearer parent. */
function parentOf(traceparent: string | undefined): Context {
  const active = context.active();
  if (traceparent === undefined) return active;
  const outside = propagation.extract(ROOT_CONTEXT, { traceparent });
  const open = trace.getSpanContext(active);
  return open && open.traceId === trace.getSpanContext(outside)?.traceId ? active : outside;
}

function traceparentOf(span: Span): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
  return carrier.traceparent;
}

function open(name: string, { kind, parent, attributes }: SpanOptions): OpenSpan {
  const above = parentOf(parent);
  const options = { ...(kind && { kind: KINDS[kind] }), ...(attributes && { attributes }) };
  const span = trace.getTracer(NAME, VERSION).startSpan(name, options, above);
  const { traceId } = span.spanContext();
  let ended = false;
  return {
    traceId: isSpanContextValid(span.spanContext()) ? traceId : undefined,
    traceparent: traceparentOf(span),
    set: (more) => void span.setAttributes(more),
    within: async (work) => await context.with(trace.setSpan(above, span), work),
    end: (error) => {
      if (ended) return;
      ended = true;
      // The class and no text: an error from outside may quote what somebody wrote.
      if (error !== undefined) {
        span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

function makeMetrics(): Metrics {
  const meter = metrics.getMeter(NAME, VERSION);
  const histogram = ({ name, unit }: Declared<"histogram">) => meter.createHistogram(name, { unit });
  const counter = ({ name, unit }: Declared<"counter">) => meter.createCounter(name, { unit });
  const gauge = ({ name, unit }: Declared<"gauge">) => meter.createObservableGauge(name, { unit });
  const requests = histogram(METRICS.requests);
  const calls = histogram(METRICS.modelCalls);
  const tokens = counter(METRICS.tokens);
  const waits = histogram(METRICS.queueWaits);
  const sessions = gauge(METRICS.sessions);
  const sweeps = histogram(METRICS.sweeps);
  const sweepDue = gauge(METRICS.sweepDue);
  const sweepFailures = counter(METRICS.sweepFailures);
  const deliveries = counter(METRICS.deliveries);
  return {
    request: (route, status, durationMs) => requests.record(durationMs, { route, status }),
    modelCall: (provider, outcome, durationMs) => calls.record(durationMs, { provider, outcome }),
    tokens: (provider, { inputTokens, outputTokens }) => {
      tokens.add(inputTokens, { provider, direction: "input" });
      tokens.add(outputTokens, { provider, direction: "output" });
    },
    queueWait: (kind, waitMs) => waits.record(waitMs, { kind }),
    sessions: (count) => sessions.addCallback((result) => result.observe(count())),
    sweep: (durationMs) => sweeps.record(durationMs),
    sweepDue: (due) =>
      sweepDue.addCallback((result) => {
        for (const [what, count] of due()) result.observe(count, { what });
      }),
    sweepFailure: (what) => sweepFailures.add(1, { what }),
    delivery: (outcome) => deliveries.add(1, { outcome }),
  };
}

/**
 * Starts OpenTelemetry's SDK as its standard variables say
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). What is under way is sent when
 * the process is asked to end.
 * @param signals those that are made; the SDK by itself would send every kind to the address of either
 */
export function makeTelemetry(signals: { traces: boolean; metrics: boolean }): Telemetry {
  const { env } = process;
  if (!signals.traces) env.OTEL_TRACES_EXPORTER = "none";
  if (!signals.metrics) env.OTEL_METRICS_EXPORTER = "none";
  env.OTEL_LOGS_EXPORTER ??= "none";
  const sdk = new NodeSDK({ serviceName: env.OTEL_SERVICE_NAME ?? NAME, instrumentations: [] });
  sdk.start();
  process.once("SIGTERM", () => {
    sdk
      .shutdown()
      .catch((error: unknown) =>
        log("warn", "the last traces and metrics were not sent", { error: messageOf(error) }),
      );
  });
  return { open, metrics: makeMetrics() };
}
