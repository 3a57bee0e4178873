import http from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .default([]);
const resource = z.object({ attributes });

const tracesSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource,
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              attributes,
            }),
          ),
        }),
      ),
    }),
  ),
});
const points = z.object({ dataPoints: z.array(z.object({ attributes })) });
const metricsSchema = z.object({
  resourceMetrics: z.array(
    z.object({
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(
            z.object({
              name: z.string(),
              sum: points.optional(),
              gauge: points.optional(),
              histogram: points.optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

export interface ReceivedSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  attributes: z.infer<typeof attributes>;
}

/** Takes traces and metrics by OTLP over HTTP, as JSON, on a free port of loopback. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Which attributes the points of each metric have had. */
  readonly metrics = new Map<string, Set<string>>();
  readonly #server: http.Server;

  private constructor() {
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.#take(request.url ?? "", JSON.parse(Buffer.concat(chunks).toString("utf8")));
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const made = new OtlpReceiver();
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(path: string, body: unknown): void {
    if (path === "/v1/traces")
      for (const { resource: of, scopeSpans } of tracesSchema.parse(body).resourceSpans) {
        const name = of.attributes.find(({ key }) => key === "service.name")?.value.stringValue;
        for (const { spans } of scopeSpans)
          for (const span of spans)
            this.spans.push({ ...span, parentSpanId: span.parentSpanId, service: String(name) });
      }
    if (path === "/v1/metrics")
      for (const { scopeMetrics } of metricsSchema.parse(body).resourceMetrics)
        for (const { metrics } of scopeMetrics)
          for (const { name, sum, gauge, histogram } of metrics) {
            const keys = this.metrics.get(name) ?? new Set();
            this.metrics.set(name, keys);
            for (const { dataPoints } of [sum, gauge, histogram].filter((of) => of !== undefined))
              for (const point of dataPoints) for (const { key } of point.attributes) keys.add(key);
          }
  }
}
