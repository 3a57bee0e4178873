import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WAIT_TIMEOUT_MS } from "#tests/patience.ts";
import { type EventStream, openEventStream, type StreamState } from "#client/event-source.ts";
import { createSessionLog } from "#client/session-log.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { streamServer } from "./stream-server.ts";

let server: Awaited<ReturnType<typeof streamServer>>;
let streams: EventStream[] = [];

beforeEach(async () => {
  server = await streamServer();
});
afterEach(async () => {
  for (const stream of streams) stream.close();
  streams = [];
  await server.close();
});

function follow(options: Partial<Parameters<typeof openEventStream>[0]> = {}) {
  const log = createSessionLog({ view: EMPTY_VIEW, lastEventAt: null }, (apply) => apply());
  const states: StreamState[] = [];
  const stream = openEventStream({
    url: server.url,
    after: 0,
    onEvents: log.push,
    onState: (state) => states.push(state),
    minDelayMs: 10,
    maxDelayMs: 40,
    quietMs: 20,
    ...options,
  });
  streams.push(stream);
  return {
    stream,
    states,
    seq: () => log.snapshot().view.seq,
    text: () =>
      log
        .snapshot()
        .view.items.map((item) => ("text" in item ? item.text : ""))
        .join(""),
    kinds: () => states.map((state) => state.kind),
  };
}

test("replays, says how far it is, and is live once it is quiet", async () => {
  const page = follow({ after: 0 });
  const first = await server.next();
  first.send(1, 2, 3);
  await vi.waitFor(() => expect(page.kinds().at(-1)).toBe("live"), WAIT_TIMEOUT_MS);
  expect(page.seq()).toBe(3);
  expect(page.kinds()).toEqual(["connecting", "catching-up", "live"]);
});

test("an event cut in the middle of a character arrives whole", async () => {
  const page = follow();
  const first = await server.next();
  const data = JSON.stringify({
    seq: 1,
    type: "agent.note",
    ts: "2024-01-01T00:00:00.000Z",
    payload: { text: "é" },
  });
  const bytes = Buffer.from(`data: ${data}\n\n`);
  const cut = bytes.indexOf(0xa9);
  first.response.write(bytes.subarray(0, cut));
  await new Promise((resolve) => setTimeout(resolve, 20));
  first.response.write(bytes.subarray(cut));
  await vi.waitFor(() => expect(page.seq()).toBe(1), WAIT_TIMEOUT_MS);
});

test("comes back behind the last event after a drop, and takes none twice", async () => {
  const page = follow();
  const first = await server.next();
  first.send(1, 2);
  await vi.waitFor(() => expect(page.seq()).toBe(2), WAIT_TIMEOUT_MS);
  first.drop();
  const second = await server.next();
  expect([second.after, second.lastEventId]).toEqual([2, "2"]);
  expect(page.kinds()).toContain("offline");
  second.send(2, 3);
  await vi.waitFor(() => expect(page.text()).toBe("1 2 3 "), WAIT_TIMEOUT_MS);
  await vi.waitFor(() => expect(page.kinds().at(-1)).toBe("live"), WAIT_TIMEOUT_MS);
});

test("reads a gap again from the log, and never shows what is behind it first", async () => {
  const page = follow();
  const first = await server.next();
  first.send(1, 2, 5);
  const second = await server.next();
  expect(second.after).toBe(2);
  expect(page.states).toContainEqual({ kind: "gap", after: 2 });
  second.send(3, 4, 5);
  await vi.waitFor(() => expect(page.text()).toBe("1 2 3 4 5 "), WAIT_TIMEOUT_MS);
});

test("takes silence for death; a heartbeat is life", async () => {
  const page = follow({ silenceMs: 700 });
  const first = await server.next();
  const beat = setInterval(() => first.raw(": heartbeat\n\n"), 40);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(page.kinds()).not.toContain("offline");
  clearInterval(beat);
  await server.next();
  expect(page.kinds()).toContain("offline");
});

test("waits longer after each failure, up to a limit, and says when it tries again", async () => {
  for (let i = 0; i < 5; i += 1) server.refuseNext(503);
  const page = follow();
  await server.next();
  const waits = page.states.flatMap((state) => (state.kind === "offline" ? [state] : []));
  expect(waits).toHaveLength(5);
  expect(new Set(waits.map((state) => state.since)).size).toBe(1);
  expect(waits[0]?.error).toMatchObject({
    status: 503,
    requestId: "r1",
    message: "There is no such session.",
  });
  for (const state of waits) expect(state.retryAt - Date.now()).toBeLessThanOrEqual(40);
});

test("a refusal that would come again ends it, with its reason", async () => {
  server.refuseNext(404);
  const page = follow();
  await vi.waitFor(() => expect(page.kinds().at(-1)).toBe("refused"), WAIT_TIMEOUT_MS);
  expect(page.states.at(-1)).toMatchObject({ error: { status: 404, code: "not_found" } });
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(server.connections()).toBe(0);
});

test("the server's end is the end", async () => {
  const page = follow();
  const first = await server.next();
  first.send(1);
  first.raw("event: end\ndata: {}\n\n");
  await vi.waitFor(() => expect(page.kinds().at(-1)).toBe("ended"), WAIT_TIMEOUT_MS);
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(server.connections()).toBe(0);
});

test("a server that cannot be reached is tried again at once when asked", async () => {
  const { url } = server;
  await server.close();
  const page = follow({ url, minDelayMs: 60_000, maxDelayMs: 60_000 });
  await vi.waitFor(() => expect(page.kinds().at(-1)).toBe("offline"), WAIT_TIMEOUT_MS);
  server = await streamServer();
  expect(page.states.at(-1)).toMatchObject({ error: { code: "network", status: 0 } });
  page.stream.retryNow();
  await vi.waitFor(
    () => expect(page.states.filter((state) => state.kind === "offline")).toHaveLength(2),
    WAIT_TIMEOUT_MS,
  );
});

test("a closed stream is silent", async () => {
  const page = follow();
  const first = await server.next();
  page.stream.close();
  first.send(1);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(page.kinds()).toEqual(["connecting"]);
  expect(page.seq()).toBe(0);
});
