import { once } from "node:events";
import fs from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ADMIN_KEY, makeIssuer, type Served, serve, temporaryFolder } from "./support.ts";

let served: Served;

beforeAll(async () => {
  const data = temporaryFolder();
  const { envFile } = await makeIssuer(data);
  served = await serve({ data, envFile });
});
afterAll(async () => {
  await served?.stop();
});

const rssMb = () =>
  Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${served.child.pid}/status`, "utf8"))?.[1]) / 1024;

async function connect(): Promise<WebSocket> {
  const socket = new WebSocket(`${served.url.replace("http", "ws")}/api/1.48.0/sync`);
  socket.on("error", () => undefined);
  await once(socket, "open");
  return socket;
}
const isClosed = (socket: WebSocket) => socket.readyState === WebSocket.CLOSED;
const say = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));

/** What the server says next, pings left out. */
async function next(socket: WebSocket): Promise<{ type: string }> {
  for (;;) {
    const [data] = (await once(socket, "message")) as [Buffer];
    const message = JSON.parse(data.toString()) as { type: string };
    if (message.type !== "Ping") return message;
  }
}

const subscriptions = (count: number) => ({
  type: "ModifyQuerySet",
  baseVersion: 0,
  newVersion: 1,
  modifications: Array.from({ length: count }, (_, queryId) => ({
    type: "Add",
    queryId,
    udfPath: "messages:list",
    args: [{}],
  })),
});

test("SEC-4: a message of 60 MB by nobody ends its connection before it is taken", async () => {
  const before = rssMb();
  const socket = await connect();
  socket.send("x".repeat(60_000_000));
  await expect.poll(() => isClosed(socket), { timeout: 10_000 }).toBe(true);
  expect(rssMb() - before).toBeLessThan(60);
});

test("SEC-4: an endless message in pieces ends its connection too", async () => {
  const socket = await connect();
  const piece = "x".repeat(100_000);
  let sent = 0;
  while (!isClosed(socket) && sent < 1_000) {
    socket.send(piece, { fin: false });
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(isClosed(socket)).toBe(true);
  expect(sent).toBeLessThan(200);
});

test("SEC-4: thousands of subscriptions by nobody are refused", async () => {
  const socket = await connect();
  say(socket, subscriptions(20_000));
  expect(await next(socket)).toMatchObject({ type: "FatalError" });
  await expect.poll(() => isClosed(socket)).toBe(true);
});

test("a page's worth of subscriptions by nobody is served", async () => {
  const socket = await connect();
  say(socket, { type: "Connect", sessionId: crypto.randomUUID(), connectionCount: 0, lastCloseReason: null });
  say(socket, subscriptions(20));
  expect(await next(socket)).toMatchObject({ type: "Transition" });
  socket.terminate();
});

test("SEC-4: many calls at once by nobody end their connection", async () => {
  const socket = await connect();
  for (let requestId = 0; requestId < 1_000; requestId += 1)
    say(socket, { type: "Action", requestId, udfPath: "messages:none", args: [{}] });
  await expect.poll(() => isClosed(socket), { timeout: 10_000 }).toBe(true);
});

test("SEC-4: of a thousand anonymous sockets the oldest ones end; who has signed in stays", async () => {
  const signedIn = await connect();
  say(signedIn, { type: "Authenticate", tokenType: "Admin", value: ADMIN_KEY, baseVersion: 0 });
  expect(await next(signedIn)).toMatchObject({ type: "Transition" });
  const strangers: WebSocket[] = [];
  for (let made = 0; made < 1_000; made += 50)
    strangers.push(...(await Promise.all(Array.from({ length: 50 }, connect))));
  await expect
    .poll(() => strangers.filter((socket) => !isClosed(socket)).length, { timeout: 10_000 })
    .toBe(256);
  expect(isClosed(signedIn)).toBe(false);
  expect(isClosed(strangers.at(-1)!)).toBe(false);
  // Whoever has signed in may send what the protocol allows.
  signedIn.send(JSON.stringify({ type: "Event", eventType: "x", event: "y".repeat(8_000_000) }));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(isClosed(signedIn)).toBe(false);
  for (const socket of [...strangers, signedIn]) socket.terminate();
});

test("SEC-4: a call's body by nobody is refused above 1 MB, announced or not", async () => {
  const before = rssMb();
  const large = JSON.stringify({
    path: "messages:list",
    args: { text: "x".repeat(15_000_000) },
    format: "json",
  });
  const announced = await fetch(`${served.url}/api/query`, { method: "POST", body: large });
  expect(announced.status).toBe(413);
  const pieces = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
  });
  const chunked = await fetch(`${served.url}/api/query`, {
    method: "POST",
    body: pieces,
    duplex: "half",
  } as RequestInit).catch(() => null);
  // Where the connection ends first, nothing was taken either.
  expect([413, undefined]).toContain(chunked?.status);
  expect(rssMb() - before).toBeLessThan(60);
});
