import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { COOKIE } from "#server/preview/headers.ts";
import { sealPass } from "#server/preview/pass.ts";
import { PreviewServer } from "#server/preview/server.ts";

const ID = "j57c1pw9wmb97xvsnn5vnzhv0s8jjv14";
const SANDBOX = "iabc";
const PORT = 3000;
const STUDIO = "http://localhost:3000";

/** Where the sandboxes' front is. */
const place = vi.hoisted(() => ({ trafficUrl: "" }));
vi.mock("#server/convex/client.ts", () => ({
  dataFor: () => ({ query: async () => ({ status: "ready", sandboxId: "iabc", idleTimeoutMs: 1_000 }) }),
}));
vi.mock(import("#server/sandbox/sandbox.ts"), async (original) => ({
  ...(await original()),
  openTraffic: async () => ({ sandboxId: "iabc", trafficUrl: place.trafficUrl, trafficToken: undefined }),
}));

type Answer = { status: number; type: string; body: string };
const json = (body: object): Answer => ({
  status: 502,
  type: "application/json",
  body: JSON.stringify(body),
});
const page = (status: number, body: string): Answer => ({ status, type: "text/html", body });
const refusal = { sandboxId: SANDBOX, message: "The sandbox is running but port is not open", code: 502 };

/** What the front sends: the same to all, or by who asks. */
let answer: (userAgent: string) => Answer | null = () => null;
const heard: http.IncomingHttpHeaders[] = [];
const front = http.createServer((req, res) => {
  heard.push(req.headers);
  const given = answer(req.headers["user-agent"] ?? "");
  if (!given) return void res.destroy();
  res.writeHead(given.status, { "content-type": given.type }).end(given.body);
});
front.on("upgrade", (req, socket) => {
  heard.push(req.headers);
  socket.destroy();
});

let previews: PreviewServer;
let port: number;

const listening = async (server: http.Server) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

beforeAll(async () => {
  Object.assign(process.env, {
    STUDIO_PUBLIC_URL: STUDIO,
    STUDIO_AUTH_SECRET: "x".repeat(32),
    STUDIO_DATA_DIR: "/tmp",
    STUDIO_SIGNING_KEY: "{}",
    STUDIO_PREVIEW_URL: "http://*.localhost:3240",
    CONVEX_URL: "http://127.0.0.1:1",
    CONVEX_SITE_URL: "http://127.0.0.1:2",
    E2B_API_KEY: "e2b_x",
    STUDIO_KEK: `1:${"A".repeat(44)}`,
  });
  place.trafficUrl = `http://127.0.0.1:${await listening(front)}`;
  const free = http.createServer();
  port = await listening(free);
  await new Promise((resolve) => free.close(resolve));
  previews = new PreviewServer();
  await previews.listen(port, "127.0.0.1");
});

afterAll(() => {
  previews?.close();
  front.close();
  front.closeAllConnections();
});

const headers = () => {
  const visit = sealPass({
    kind: "visit",
    sessionId: ID,
    port: PORT,
    caller: { kind: "member", organizationId: "o", userId: "u", role: "member", name: "Mara" },
    expiresAt: Date.now() + 60_000,
    id: "v",
  });
  return { host: `${PORT}-${ID}.localhost:3240`, cookie: `${COOKIE}=${visit}`, "user-agent": "Mozilla/5.0" };
};

async function look(): Promise<{ status: number | undefined; body: string }> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ host: "127.0.0.1", port, path: "/x", headers: headers() }, resolve).on("error", reject);
  });
  let body = "";
  for await (const piece of response) body += String(piece);
  return { status: response.statusCode, body };
}

const APPS = {
  "500 as a page": page(500, "<h1>it broke</h1>"),
  "502 as a page": page(502, "<h1>the app's own gateway</h1>"),
  "502 as JSON": json({ error: "upstream_failed" }),
  "502 as JSON that is long": json({ error: "x".repeat(50_000) }),
  "502 with nothing": page(502, ""),
  "502 about another sandbox": json({ ...refusal, sandboxId: "iother", port: PORT }),
  "503 as a page": page(503, "<h1>down for maintenance</h1>"),
  "504 as text": { status: 504, type: "text/plain", body: "too late" },
};

test.each(Object.entries(APPS))("an app's own errors are its own: %s", async (_, given) => {
  answer = () => given;
  expect(await look()).toEqual({ status: given.status, body: given.body });
});

test.each([
  ["as JSON", () => json({ ...refusal, port: PORT })],
  ["with E2B's longer id", () => json({ ...refusal, sandboxId: `${SANDBOX}-9f8e`, port: PORT })],
  [
    "as the page that E2B sends a browser",
    (agent: string) => (agent.startsWith("Mozilla") ? page(502, "E2B") : json({ ...refusal, port: PORT })),
  ],
])("where nothing listens, Studio says so: %s", async (_, given) => {
  answer = given;
  const { status, body } = await look();
  expect(status).toBe(502);
  expect(body).toContain(`Nothing listens on port ${PORT}`);
});

test("a sandbox that is gone, and a front that breaks off, are told as what they are", async () => {
  answer = () => json({ ...refusal, message: "The sandbox was not found" });
  expect(await look()).toMatchObject({ status: 410, body: expect.stringContaining("sandbox was deleted") });
  answer = () => null;
  expect(await look()).toMatchObject({ status: 502, body: expect.stringContaining("couldn't be loaded") });
});

test("BUG-23: a request and a WebSocket reach the app with the same Host", async () => {
  answer = () => page(200, "ok");
  heard.length = 0;
  await look();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: headers() });
  await new Promise((resolve) => socket.on("error", resolve));
  const [first, second] = heard.map(({ host, "x-forwarded-host": forwarded }) => ({ host, forwarded }));
  expect(first).toEqual({ host: new URL(place.trafficUrl).host, forwarded: `${PORT}-${ID}.localhost:3240` });
  expect(second).toEqual(first);
});
