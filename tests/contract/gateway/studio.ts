import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { services } from "#cli/up/services.ts";
import type { KeySource } from "#domain/catalog.ts";
import type { Principal } from "#domain/principal.ts";
import { makeSecret } from "#server/auth/opaque.ts";
import { actorOf, dataFor, serviceData } from "#server/convex/client.ts";
import { gateway } from "#server/gateway/gateway.ts";
import { DataService } from "#tests/data.ts";

const root = path.resolve(import.meta.dirname, "../../..");
/** More than any test spends. */
const WELCOME_MICRO_USD = 1_000_000_000;
const PREFIX = "/api/gateway/";

/** A session with its token, as a sandbox would hold it. */
export interface GatewayClient {
  sessionId: Id<"sandboxSessions">;
  /** The person who has started it. */
  person: Exclude<Principal, { kind: "service" }>;
  token: string;
  /** What the session's calls have come to. */
  totals: () => Promise<{ input: number; cached: number; output: number; costMicroUsd: number }>;
  /** The payloads of the session's events of one type. */
  events: (type: string) => Promise<Record<string, unknown>[]>;
  stop: () => Promise<void>;
}

/** The gateway's handler behind a plain server, on the real data service, without the web framework. */
export interface GatewayServer {
  url: string;
  openSession: (choice: { provider: string; model: string; keySource?: KeySource }) => Promise<GatewayClient>;
  stop: () => Promise<void>;
}

/**
 * Serves the handler as the web framework does: a client that goes away aborts the request's signal and cancels the
 * answer's body, but a body whose client has already gone is left alone.
 */
async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://studio.test");
  const [route = "", ...segments] = url.pathname.slice(PREFIX.length).split("/");
  const headers = new Headers(
    Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const closed = new AbortController();
  response.on("close", () => closed.abort());
  const hasBody = request.method === "POST";
  const result = await gateway(
    new Request(url, {
      method: request.method ?? "GET",
      headers,
      signal: closed.signal,
      ...(hasBody && { body: Readable.toWeb(request) as ReadableStream, duplex: "half" }),
    }),
    route,
    segments,
  );
  if (response.destroyed) return;
  response.writeHead(result.status, Object.fromEntries(result.headers));
  if (result.body)
    await result.body.pipeTo(Writable.toWeb(response) as WritableStream, { signal: closed.signal });
  else response.end();
}

async function openSession(choice: {
  provider: string;
  model: string;
  keySource?: KeySource;
}): Promise<GatewayClient> {
  const name = randomBytes(6).toString("hex");
  const { userId, organizationId } = await serviceData().mutation(api.identity.mirror, {
    driver: "test",
    user: { externalId: `u-${name}`, name: "Tester", email: `${name}@studio.example` },
    organization: { externalId: `o-${name}`, name: "Test", slug: `test-${name}` },
    role: "admin",
    assertedAt: Date.now(),
    welcomeMicroUsd: WELCOME_MICRO_USD,
  });
  const principal = { kind: "member", organizationId, userId, role: "admin", name: "Tester" } as const;
  const member = dataFor(principal);
  const session = await serviceData().mutation(api.sandboxSessions.create, {
    actor: actorOf(principal),
    environment: "development",
    provider: choice.provider,
    model: choice.model,
    keySource: choice.keySource ?? "platform",
    title: "Gateway test",
  });
  const sessionId = session.id as Id<"sandboxSessions">;
  const { secret, stored } = makeSecret("gw_studio");
  const keys = [{ kind: "gateway" as const, ...stored }];
  const generation = await serviceData().mutation(api.sessionLeases.claim, { sessionId, holder: "test" });
  if (generation === null) throw new Error("the lease of a new session is free");
  await serviceData().mutation(api.apiKeys.createForSandbox, { sessionId, generation, keys });
  return {
    sessionId,
    person: { ...principal },
    token: secret,
    async totals() {
      const now = await member.query(api.sandboxSessions.get, { sessionId });
      return {
        input: now.totalInputTokens,
        cached: now.totalCachedTokens,
        output: now.totalOutputTokens,
        costMicroUsd: now.totalCostMicroUsd,
      };
    },
    async events(type) {
      const { events: rows } = await member.query(api.events.list, { sessionId, after: 0, limit: 500 });
      return rows
        .filter((row) => row.type === type)
        .map((row) => JSON.parse(row.payload) as Record<string, unknown>);
    },
    async stop() {
      await member.mutation(api.sandboxSessions.stop, { sessionId });
    },
  };
}

/**
 * Starts the data service and the gateway on free ports.
 * @param settings where the providers are, and with what keys, by the names of the environment
 */
export async function startGateway(settings: Record<string, string>): Promise<GatewayServer> {
  const data = await DataService.start();
  const ports = { web: 1, sandbox: 2, model: 3, convex: 4, site: 5, preview: 6 };
  const options = { data: data.folder, reset: false, dev: false, help: false, ports };
  const web = services(options, data.secrets, root).find(({ name }) => name === "web");
  // Each test says itself which providers there are.
  const { DEMO_MODEL_URL: _, ...environment } = web?.env ?? {};
  const addresses = { CONVEX_URL: data.url, CONVEX_SITE_URL: data.siteUrl };
  Object.assign(process.env, { ...environment, ...addresses, ...settings });
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // An answer that breaks off shows as a broken connection, as it does with the web framework.
      if (!response.headersSent) process.stderr.write(`gateway test: ${String(error)}\n`);
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    openSession,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await data.stop();
    },
  };
}
