import fs from "node:fs";
import { ConvexHttpClient } from "convex/browser";
import { ConvexReactClient } from "convex/react";
import { makeFunctionReference, type PaginationResult } from "convex/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { liveClient, makeIssuer, serve, temporaryFolder, until, type Served } from "./support.ts";

/** The part of the client's result that is looked at here. */
interface PaginatedQueryResult<T> {
  status: string;
  results: T[];
  loadMore: (count: number) => boolean;
}
type Message = { _id: string; body: string; seq: number };
const send = makeFunctionReference<"mutation", { channel: string; body: string; seq: number }, string>(
  "messages:send",
);
const list = makeFunctionReference<"query", { channel: string }, Message[]>("messages:list");
const whoami = makeFunctionReference<"query", Record<string, never>, Record<string, unknown> | null>(
  "messages:whoami",
);
const add = makeFunctionReference<"mutation", { name: string }, number>("jobs:add");
const count = makeFunctionReference<"query", { name: string }, number>("jobs:count");
const refuse = makeFunctionReference<"mutation", { how: string }>("messages:refuse");

/** What the server says to these messages until it closes the socket, by type. */
async function talk(url: string, ...texts: string[]): Promise<string[]> {
  const types: string[] = [];
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/sync`);
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  socket.addEventListener("message", ({ data }) =>
    types.push((JSON.parse(String(data)) as { type: string }).type),
  );
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  for (const text of texts) socket.send(text);
  await closed;
  return types;
}

describe("live queries over the WebSocket", () => {
  const folder = temporaryFolder();
  let served: Served;
  let issuer: Awaited<ReturnType<typeof makeIssuer>>;

  beforeAll(async () => {
    issuer = await makeIssuer(folder);
    served = await serve({ data: `${folder}/data`, envFile: issuer.envFile });
  });
  afterAll(async () => {
    expect(await served.stop()).toBe(0);
    fs.rmSync(folder, { recursive: true });
  });

  test("a subscription follows another client's mutations", async () => {
    const client = liveClient(served.url);
    const seen: string[][] = [];
    client.onUpdate(list, { channel: "live" }, (messages) =>
      seen.push(messages.map((message) => message.body)),
    );
    await until("the first result", () => (seen.length > 0 ? true : undefined));
    const http = new ConvexHttpClient(served.url);
    await http.mutation(send, { channel: "live", body: "one", seq: 1 });
    await until("the update", () => (seen.length > 1 ? true : undefined));
    await http.mutation(send, { channel: "elsewhere", body: "not mine", seq: 1 });
    await http.mutation(send, { channel: "live", body: "two", seq: 2 });
    await until("the second update", () => (seen.length > 2 ? true : undefined));
    expect(seen).toEqual([[], ["one"], ["one", "two"]]);
    await client.close();
  });

  test("a mutation resolves only once its own effect was delivered, and in order", async () => {
    const client = liveClient(served.url);
    let latest = -1;
    client.onUpdate(count, { name: "ordered" }, (value) => (latest = value));
    await until("the first result", () => (latest === 0 ? true : undefined));
    const results = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const result = await client.mutation(add, { name: "ordered" });
        return { result, seen: latest };
      }),
    );
    expect(results.map(({ result }) => result)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    for (const { result, seen } of results) expect(seen).toBeGreaterThanOrEqual(result);
    await client.close();
  });

  test("an optimistic update shows at once and gives way to the truth", async () => {
    const client = liveClient(served.url);
    const seen: number[] = [];
    client.onUpdate(count, { name: "optimistic" }, (value) => seen.push(value));
    await until("the first result", () => (seen.length > 0 ? true : undefined));
    await client.mutation(
      add,
      { name: "optimistic" },
      { optimisticUpdate: (store) => store.setQuery(count, { name: "optimistic" }, 1000) },
    );
    expect(seen).toEqual([0, 1000, 1]);
    await client.close();
  });

  test("a failed mutation rejects with its data and leaves no trace", async () => {
    const client = liveClient(served.url);
    await expect(client.mutation(refuse, { how: "convex" })).rejects.toMatchObject({
      data: { code: "refused", at: 1n },
    });
    await expect(client.mutation(refuse, { how: "plain" })).rejects.toThrow("plain refusal");
    expect(await client.query(count, { name: "refused" })).toBe(0);
    await client.close();
  });

  test("a query that fails is reported, and comes back when its data is right again", async () => {
    const client = liveClient(served.url);
    const errors: Error[] = [];
    client.onUpdate(
      makeFunctionReference<"query", { id: string }>("messages:get"),
      { id: "nonsense" },
      () => undefined,
      (error) => errors.push(error),
    );
    await until("the error", () => errors[0]);
    expect(errors[0]?.message).toContain("ArgumentValidationError");
    await client.close();
  });

  test("a token makes the identity that queries see", async () => {
    const client = liveClient(served.url);
    let fetched = 0;
    const subjects: unknown[] = [];
    client.setAuth(async () => {
      fetched++;
      return issuer.sign({ role: `role ${fetched}` }, { expiresIn: "60s" });
    });
    client.onUpdate(whoami, {}, (identity) => subjects.push(identity?.["role"] ?? null));
    await until("the identity", () => subjects.find((role) => typeof role === "string"));
    await client.close();
  });

  test("an expired token ends the socket's rights, whatever the client does", async () => {
    const token = await issuer.sign({}, { expiresIn: "-4s" });
    const messages: { type: string; authUpdateAttempted?: boolean }[] = [];
    const socket = new WebSocket(`${served.url.replace("http", "ws")}/api/1.48.0/sync`);
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("message", ({ data }) => messages.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send(
      JSON.stringify({ type: "Connect", sessionId: "s", connectionCount: 0, lastCloseReason: null }),
    );
    socket.send(JSON.stringify({ type: "Authenticate", tokenType: "User", value: token, baseVersion: 0 }));
    await closed;
    expect(messages.map(({ type }) => type)).toEqual(["Transition", "AuthError"]);
    expect(messages[1]?.authUpdateAttempted).toBe(false);
  });

  test("a refused token is an AuthError, and a broken message is fatal", async () => {
    const authenticate = { type: "Authenticate", tokenType: "User", value: "a.b.c", baseVersion: 0 };
    expect(await talk(served.url, JSON.stringify(authenticate))).toEqual(["AuthError"]);
    expect(await talk(served.url, "not json")).toEqual(["FatalError"]);
    expect(
      await talk(
        served.url,
        JSON.stringify({ type: "ModifyQuerySet", baseVersion: 7, newVersion: 8, modifications: [] }),
      ),
    ).toEqual(["FatalError"]);
  });

  test("a mutation sent twice by one session is applied once", async () => {
    const talk = () =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${served.url.replace("http", "ws")}/api/1.48.0/sync`);
        socket.addEventListener("message", ({ data }) => {
          const message = JSON.parse(String(data)) as { type: string };
          if (message.type !== "MutationResponse") return;
          resolve(String(data));
          socket.close();
        });
        socket.addEventListener("open", () => {
          socket.send(
            JSON.stringify({
              type: "Connect",
              sessionId: "twice",
              connectionCount: 0,
              lastCloseReason: null,
            }),
          );
          socket.send(
            JSON.stringify({
              type: "Mutation",
              requestId: 5,
              udfPath: "jobs:add",
              args: [{ name: "twice" }],
            }),
          );
        });
      });
    const first = await talk();
    expect(await talk()).toBe(first);
    expect(await new ConvexHttpClient(served.url).query(count, { name: "twice" })).toBe(1);
  });

  test("a result larger than a frame arrives whole", async () => {
    const large = makeFunctionReference<"query", { megabytes: number }, string[]>("nested/more:large");
    const client = liveClient(served.url);
    const result = await client.query(large, { megabytes: 8 });
    expect(result).toEqual(Array.from({ length: 8 }, () => "é😀\u0000".repeat(200_000)));
    await client.close();
  });

  test("a subscribed page keeps its end while documents come in, also after a reconnect", async () => {
    const client = liveClient(served.url);
    for (const seq of [10, 20, 30, 40]) await client.mutation(send, { channel: "paged", body: "x", seq });
    const page = makeFunctionReference<
      "query",
      Record<string, unknown>,
      { page: Message[]; continueCursor: string }
    >("messages:page");
    const pages: number[][] = [];
    client.onUpdate(page, { channel: "paged", paginationOpts: { numItems: 2, cursor: null } }, (result) =>
      pages.push(result.page.map(({ seq }) => seq)),
    );
    await until("the first page", () => pages[0]);
    for (const seq of [15, 5, 25]) await client.mutation(send, { channel: "paged", body: "x", seq });
    expect(pages).toEqual([
      [10, 20],
      [10, 15, 20],
      [5, 10, 15, 20],
    ]);
    await client.close();
  });

  test("the client's own pagination loads, grows, splits and ends without gap or double", async () => {
    const client = liveClient(served.url);
    const add = (seq: number) => client.mutation(send, { channel: "loaded", body: "x", seq });
    for (let seq = 0; seq < 10; seq++) await add(seq);
    const page = makeFunctionReference<"query", Record<string, unknown>, PaginationResult<Message>>(
      "messages:page",
    );
    let latest: PaginatedQueryResult<Message> | undefined;
    client.onPaginatedUpdate_experimental(page, { channel: "loaded" }, { initialNumItems: 3 }, (result) => {
      latest = result as unknown as PaginatedQueryResult<Message>;
    });
    const loaded = (status: string) =>
      until(status, () => (latest?.status === status ? latest.results.map(({ seq }) => seq) : undefined));
    expect(await loaded("CanLoadMore")).toEqual([0, 1, 2]);
    for (let i = 1; i <= 8; i++) await add(1 + i / 10);
    await until("the grown page", () => (latest?.results.length === 11 ? true : undefined));
    latest?.loadMore(100);
    expect(await loaded("Exhausted")).toEqual([
      0, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    await client.close();
  });

  test("an expired token is replaced by the client itself, and the query follows the new identity", async () => {
    const client = liveClient(served.url);
    const roles: unknown[] = [];
    let fetched = 0;
    // The first token is refused on arrival; the client must come back with another one.
    client.setAuth(async () => {
      fetched++;
      return issuer.sign({ role: `role ${fetched}` }, { expiresIn: fetched === 1 ? "-60s" : "60s" });
    });
    client.onUpdate(whoami, {}, (identity) => roles.push(identity?.["role"] ?? null));
    await until("the second identity", () => roles.find((role) => role === "role 2" || role === "role 3"));
    expect(fetched).toBeGreaterThan(1);
    expect(roles).not.toContain("role 1");
    await client.close();
  });

  test("React's client watches queries with the same protocol", async () => {
    const client = new ConvexReactClient(served.url, { logger: false });
    const watch = client.watchQuery(count, { name: "react" });
    const seen: unknown[] = [];
    const stop = watch.onUpdate(() => seen.push(watch.localQueryResult()));
    await until("the first result", () => (seen.length > 0 ? true : undefined));
    expect(await client.mutation(add, { name: "react" })).toBe(1);
    expect(seen).toEqual([0, 1]);
    stop();
    await client.close();
  });

  test("a hundred clients with the same query all learn of a change", async () => {
    const clients = Array.from({ length: 100 }, () => liveClient(served.url));
    const values = clients.map(() => -1);
    clients.forEach((client, i) => client.onUpdate(count, { name: "crowd" }, (value) => (values[i] = value)));
    await until("the first results", () => (values.every((value) => value === 0) ? true : undefined));
    await new ConvexHttpClient(served.url).mutation(add, { name: "crowd" });
    await until("the updates", () => (values.every((value) => value === 1) ? true : undefined));
    await Promise.all(clients.map((client) => client.close()));
  });
});
