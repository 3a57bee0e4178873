import { afterAll, expect, test } from "vitest";
import { messageResponse } from "#contracts/sessions.ts";
import { until } from "#tests/api.ts";
import { OtlpReceiver } from "#tests/otlp-receiver.ts";
import { METRICS } from "#server/telemetry/metrics.ts";
import { startStudio } from "#tests/studio.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CLICK = "b7ad6b7169203331";

const receiver = await OtlpReceiver.start();
const settings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_BSP_SCHEDULE_DELAY: "200",
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
  OTEL_METRIC_EXPORT_TIMEOUT: "1000",
};
// Two processes, so that the trace goes through the queue.
const { stack, api } = await startStudio(
  async (all) =>
    all.map((service) =>
      ["web", "worker"].includes(service.name)
        ? { ...service, env: { ...service.env, ...settings, OTEL_SERVICE_NAME: service.name } }
        : service,
    ),
  { worker: true },
);
afterAll(async () => {
  await receiver?.close();
});

test("one trace leads from a click to the model, over the queue between two processes", async () => {
  const { id } = await api.createSession();
  const answer = await fetch(`${stack.url}/api/studio/sessions/${id}/message`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${stack.credentials.apiKey}`,
      "content-type": "application/json",
      traceparent: `00-${TRACE}-${CLICK}-01`,
    },
    body: JSON.stringify({ message: "say hello" }),
  });
  expect(answer.status).toBe(202);
  const { runId } = messageResponse.parse(await answer.json());
  expect(await api.finish(runId)).toMatchObject({ status: "completed" });
  const spans = () => receiver.spans.filter(({ traceId }) => traceId === TRACE);
  const named = (name: string) => spans().find((span) => span.name === name);
  const names = [
    "POST /api/studio/sessions/{id}/message",
    "session.command",
    "agent.post",
    "model.call",
  ] as const;
  await until("the trace's spans", async () => names.every((name) => named(name)));
  const [route, command, post, model] = names.map(named);
  const byId = new Map(spans().map((span) => [span.spanId, span]));
  /** The services and names above a span, up to the click. */
  const above = (spanId: string | undefined): string[] => {
    const span = spanId === undefined ? undefined : byId.get(spanId);
    return span ? [span.name, ...above(span.parentSpanId)] : [];
  };
  expect(route?.service).toBe("web");
  expect(command).toMatchObject({ service: "worker", parentSpanId: route?.spanId });
  expect(post).toMatchObject({ service: "worker", parentSpanId: command?.spanId });
  expect(model?.service).toBe("web");
  expect(above(model?.spanId)).toContain(names[0]);
  // Above the route there is what the framework says of the request, and then the click.
  const roots = spans().filter(({ parentSpanId }) => !byId.has(parentSpanId ?? ""));
  expect(new Set(roots.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([CLICK]));
  expect(JSON.stringify(spans())).not.toContain("say hello");
});

test("the figures are few, and none is of a person or a session", async () => {
  const wanted = [
    "studio.request.duration",
    "studio.model.call.duration",
    "studio.model.tokens",
    "studio.queue.wait",
    "studio.sessions.active",
    "studio.sweep.duration",
    "studio.sweep.due",
  ];
  await until("the figures", async () => wanted.every((name) => receiver.metrics.has(name)));
  // What counts failures and deliveries is there once there are any.
  const declared = Object.values(METRICS).map(({ name }) => name as string);
  expect(declared).toEqual(
    expect.arrayContaining([...receiver.metrics.keys()].filter((name) => name.startsWith("studio."))),
  );
  const attributes = [...receiver.metrics].flatMap(([name, keys]) =>
    name.startsWith("studio.") ? [...keys] : [],
  );
  expect(new Set(attributes)).toEqual(
    new Set(["route", "status", "provider", "outcome", "direction", "kind", "what"]),
  );
});
