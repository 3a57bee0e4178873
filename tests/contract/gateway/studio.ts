import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";
import { api } from "../../../convex/_generated/api.js";
import type { Id } from "../../../convex/_generated/dataModel.js";
import { jwksUri, loadSecrets } from "../../../lib/cli/up/secrets.ts";
import type { KeySource } from "../../../lib/domain/catalog.ts";
import { makeSecret } from "../../../lib/server/auth/opaque.ts";
import { dataFor, serviceData } from "../../../lib/server/convex/client.ts";
import { gateway } from "../../../lib/server/gateway/gateway.ts";

const READY_MS = 60_000;
const END_MS = 10_000;
const PREFIX = "/api/gateway/";

/** A session with its token, as a sandbox would hold it. */
export interface GatewayClient {
  sessionId: Id<"sandboxSessions">;
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

async function startData(data: string, envFile: string, adminKey: string) {
  const args = ["--", "lib/runtime/main.ts", "--dir", "convex", "--data", path.join(data, "convex")];
  const rest = ["--port", "0", "--site-port", "0", "--admin-key", adminKey, "--env-file", envFile];
  fs.mkdirSync(path.join(data, "convex"));
  const child = spawn(process.execPath, [...args, ...rest], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line", { signal: AbortSignal.timeout(READY_MS) })) as [string];
  return { child, ...(JSON.parse(line) as { url: string; siteUrl: string }) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit", { signal: AbortSignal.timeout(END_MS) });
  child.kill("SIGTERM");
  await ended;
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
  });
  const member = dataFor({ kind: "member", organizationId, userId, role: "admin", name: "Tester" });
  const session = await member.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: choice.provider,
    model: choice.model,
    keySource: choice.keySource ?? "platform",
    title: "Gateway test",
  });
  const sessionId = session.id as Id<"sandboxSessions">;
  const { secret, stored } = makeSecret("gw_studio");
  const keys = [{ kind: "gateway" as const, ...stored }];
  await serviceData().mutation(api.apiKeys.createForSandbox, { sessionId, keys });
  return {
    sessionId,
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
      const rows = await member.query(api.events.list, { sessionId, after: 0, limit: 500 });
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
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "studio-gateway-"));
  const secrets = loadSecrets(data);
  const envFile = path.join(data, "convex.env");
  fs.writeFileSync(envFile, `STUDIO_JWKS=${jwksUri(secrets)}\n`);
  const service = await startData(data, envFile, secrets.convexAdminKey);
  Object.assign(process.env, {
    STUDIO_PUBLIC_URL: "http://studio.test",
    STUDIO_AUTH_SECRET: secrets.authSecret,
    STUDIO_DATA_DIR: data,
    STUDIO_SIGNING_KEY: JSON.stringify(secrets.signingKey),
    CONVEX_URL: service.url,
    CONVEX_SITE_URL: service.siteUrl,
    E2B_API_KEY: secrets.sandboxApiKey,
    ...settings,
  });
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
      await end(service.child);
      fs.rmSync(data, { recursive: true, force: true });
    },
  };
}
