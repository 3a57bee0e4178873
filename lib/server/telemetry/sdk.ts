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
import { VERSION } from "../../domain/version.ts";
import { log, messageOf } from "../log.ts";
import type { Metrics, OpenSpan, SpanOptions, Telemetry } from "./shape.ts";

const NAME = "studio";
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
  const ms = { unit: "ms" };
  const requests = meter.createHistogram("studio.request.duration", ms);
  const calls = meter.createHistogram("studio.model.call.duration", ms);
  const tokens = meter.createCounter("studio.model.tokens", { unit: "{token}" });
  const waits = meter.createHistogram("studio.queue.wait", ms);
  const sessions = meter.createObservableGauge("studio.sessions.active", { unit: "{session}" });
  return {
    request: (route, status, durationMs) => requests.record(durationMs, { route, status }),
    modelCall: (provider, outcome, durationMs) => calls.record(durationMs, { provider, outcome }),
    tokens: (provider, { inputTokens, outputTokens }) => {
      tokens.add(inputTokens, { provider, direction: "input" });
      tokens.add(outputTokens, { provider, direction: "output" });
    },
    queueWait: (kind, waitMs) => waits.record(waitMs, { kind }),
    sessions: (count) => sessions.addCallback((result) => result.observe(count())),
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
