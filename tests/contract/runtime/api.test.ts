import fs from "node:fs";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference, type FunctionReference } from "convex/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_KEY, makeIssuer, serve, temporaryFolder, type Served } from "./support.ts";

type Args = Record<string, unknown>;
const query = (path: string) =>
  makeFunctionReference<"query", Args, unknown>(path) as FunctionReference<"query">;
const mutation = (path: string) =>
  makeFunctionReference<"mutation", Args, unknown>(path) as FunctionReference<"mutation">;
const action = (path: string) =>
  makeFunctionReference<"action", Args, unknown>(path) as FunctionReference<"action">;

const folder = temporaryFolder();
let served: Served;
let issuer: Awaited<ReturnType<typeof makeIssuer>>;
let client: ConvexHttpClient;

beforeAll(async () => {
  issuer = await makeIssuer(folder);
  served = await serve({ data: `${folder}/data`, envFile: issuer.envFile });
  client = new ConvexHttpClient(served.url, { logger: false });
});
afterAll(async () => {
  expect(await served.stop()).toBe(0);
  fs.rmSync(folder, { recursive: true });
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${served.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const send = (channel: string, seq: number, body = `m${seq}`) =>
  client.mutation(mutation("messages:send"), { channel, body, seq }) as Promise<string>;

describe("reading and writing", () => {
  test("ranges, order, filters and limits", async () => {
    for (const seq of [5, 1, 4, 2, 3]) await send("ranges", seq, seq === 3 ? "hidden" : `m${seq}`);
    const rows = (await client.query(query("messages:latest"), { channel: "ranges", from: 1, to: 5 })) as {
      seq: number;
    }[];
    expect(rows.map(({ seq }) => seq)).toEqual([4, 2, 1]);
  });

  test("by_id and by_creation_time are indexes like any other", async () => {
    const ids = [await send("ids", 1), await send("ids", 2)];
    const found = (await client.query(query("messages:byIds"), { id: ids[0] })) as {
      same: { _id: string };
      all: string[];
      newest: { _id: string };
    };
    expect(found.same._id).toBe(ids[0]);
    expect(found.all).toEqual(found.all.toSorted());
    expect(found.all).toEqual(expect.arrayContaining(ids));
    expect(found.newest._id).toBe(ids[1]);
  });

  test("patch checks the table and removes fields; delete removes", async () => {
    client.setAuth(await issuer.sign({}));
    const id = await send("edit", 1);
    client.clearAuth();
    const get = () => client.query(query("messages:get"), { id });
    expect(await get()).toMatchObject({ author: "user_1" });
    await expect(
      client.mutation(mutation("messages:edit"), { id, table: "counters", body: "x" }),
    ).rejects.toThrow(
      'Invalid argument `id` for `db.patch`: expected to be an Id<"counters">, got Id<"messages"> instead.',
    );
    await client.mutation(mutation("messages:edit"), { id, table: "messages", body: "edited" });
    await client.mutation(mutation("messages:unsign"), { id });
    expect(await get()).toEqual({
      _id: id,
      _creationTime: expect.any(Number),
      channel: "edit",
      seq: 1,
      body: "edited",
    });
    await client.mutation(mutation("messages:remove"), { id });
    expect(await get()).toBeNull();
    await expect(client.mutation(mutation("messages:remove"), { id })).rejects.toThrow(
      "nonexistent document",
    );
  });

  test("values of every kind come back as they went in", async () => {
    const shape = {
      shape: { kind: "square", side: 9_007_199_254_740_993n },
      exact: 1n,
      labels: { a: "x", b: null },
      data: new Uint8Array([0, 255]).buffer,
    };
    const id = await client.mutation(mutation("messages:addShape"), { shape });
    const stored = (await client.query(query("messages:shape"), { id })) as Args;
    expect(stored).toMatchObject({ ...shape, data: expect.any(ArrayBuffer) });
    expect([...new Uint8Array(stored["data"] as ArrayBuffer)]).toEqual([0, 255]);
    for (const wrong of [
      { shape: { kind: "square", side: 1 } },
      { shape: { kind: "oval" } },
      { ...shape, exact: 2n },
      { ...shape, owner: id },
      { ...shape, extra: 1 },
    ]) {
      await expect(client.mutation(mutation("messages:addShape"), { shape: wrong })).rejects.toThrow(
        'in table "shapes" because it does not match the schema',
      );
    }
  });

  test("pages stay gapless while documents come in", async () => {
    for (let seq = 0; seq < 20; seq += 2) await send("pages", seq);
    type Page = { page: { seq: number }[]; isDone: boolean; continueCursor: string };
    const read = (cursor: string | null, endCursor: string | null = null) =>
      client.query(query("messages:page"), {
        channel: "pages",
        paginationOpts: { numItems: 4, cursor, endCursor },
      }) as Promise<Page>;
    const first = await read(null);
    const second = await read(first.continueCursor);
    expect(first.page.map(({ seq }) => seq)).toEqual([0, 2, 4, 6]);
    for (const seq of [-1, 3, 6.5, 7]) await send("pages", seq);
    const again = [
      await read(null, first.continueCursor),
      await read(first.continueCursor, second.continueCursor),
    ];
    expect(again.flatMap(({ page }) => page.map(({ seq }) => seq))).toEqual([
      -1, 0, 2, 3, 4, 6, 6.5, 7, 8, 10, 12, 14,
    ]);
    const last = await read(second.continueCursor);
    expect(last.page.map(({ seq }) => seq)).toEqual([16, 18]);
    expect(last.isDone).toBe(true);
    await expect(
      client.query(query("messages:page"), {
        channel: "other",
        paginationOpts: { numItems: 4, cursor: first.continueCursor },
      }),
    ).rejects.toThrow("InvalidCursor");
  });
});

describe("functions", () => {
  test("errors of an app carry their data, others their message", async () => {
    await expect(client.mutation(mutation("messages:refuse"), { how: "convex" })).rejects.toMatchObject({
      data: { code: "refused", at: 1n },
    });
    await expect(client.mutation(mutation("messages:refuse"), { how: "plain" })).rejects.toThrow(
      /^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught Error: plain refusal/,
    );
    await expect(client.mutation(mutation("messages:refuse"), { how: "schema" })).rejects.toThrow(
      "v.float64()",
    );
    expect(await client.query(query("jobs:count"), { name: "refused" })).toBe(0);
  });

  test("arguments and results are checked", async () => {
    await expect(client.mutation(mutation("messages:send"), { channel: 1 })).rejects.toThrow(
      "ArgumentValidationError",
    );
    await expect(client.query(query("messages:wrong"), {})).rejects.toThrow("ReturnsValidationError");
    await expect(client.query(query("messages:write"), {})).rejects.toThrow();
  });

  test("queries are deterministic", async () => {
    expect(await client.query(query("messages:forbidden"), { what: "" })).toMatchObject({ still: true });
    for (const what of ["fetch", "setTimeout"]) {
      await expect(client.query(query("messages:forbidden"), { what })).rejects.toThrow(
        `Can't use ${what}() in queries and mutations`,
      );
    }
  });

  test("a nested mutation that fails is undone alone", async () => {
    expect(await client.mutation(mutation("jobs:savepoints"), { name: "nested" })).toEqual({
      caught: expect.stringMatching(
        /^Uncaught Error: this job fails\n {4}at handler \(\.\.\/convex-app\/jobs\.ts:\d+:\d+\)\n$/,
      ) as string,
      value: 11,
    });
  });

  test("actions call functions and the outside", async () => {
    const url = `${served.url}/instance_name`;
    expect(await client.action(action("jobs:viaAction"), { name: "act", url })).toEqual({
      value: 1,
      fetched: "embedded",
    });
  });

  test("internal functions need the admin key", async () => {
    await expect(client.query(query("messages:secret"), {})).rejects.toThrow(
      "Could not find public function",
    );
    const asAdmin = (key: string) =>
      post("/api/query", { path: "messages:secret", args: {} }, { authorization: `Convex ${key}` });
    expect((await asAdmin(ADMIN_KEY)).body).toMatchObject({ status: "success", value: "<secret>" });
    expect(await asAdmin("wrong")).toMatchObject({ status: 401, body: { code: "BadDeployKey" } });
    expect(
      (await post("/api/run/messages/secret", {}, { authorization: `Convex ${ADMIN_KEY}` })).body,
    ).toMatchObject({
      value: "<secret>",
    });
    const acting = Buffer.from(JSON.stringify({ subject: "someone", issuer: "i" })).toString("base64");
    expect(
      (
        await post(
          "/api/query",
          { path: "messages:whoami", args: {} },
          { authorization: `Convex ${ADMIN_KEY}:${acting}` },
        )
      ).body,
    ).toMatchObject({ value: { subject: "someone", tokenIdentifier: "i|someone" } });
  });

  test("log lines go to stderr and to clients", async () => {
    const call = (headers: Record<string, string>) => post("/api/run/nested/more/default", {}, headers);
    expect((await call({})).body).toMatchObject({
      value: "pong",
      logLines: ["[LOG] 'pinged' { deep: [ 1, 2 ] }"],
    });
    expect(served.stderr()).toContain("nested/more:default [LOG] 'pinged' { deep: [ 1, 2 ] }");
    expect((await post("/api/query", { path: "nested/more" })).body).toMatchObject({ value: "pong" });
    const { body } = await post(
      "/api/function",
      { path: "nested/more.js:default" },
      { authorization: `Convex ${ADMIN_KEY}` },
    );
    expect(body["logLines"]).toEqual(["[LOG] 'pinged' { deep: [ 1, 2 ] }"]);
  });

  test("a stale read sees what was committed, not what is being written", async () => {
    const stale = mutation("nested/more:stale");
    expect(await client.mutation(stale, { name: "stale" })).toEqual({ stale: 0, fresh: 1 });
    expect(await client.mutation(stale, { name: "stale" })).toEqual({ stale: 1, fresh: 2 });
  });

  test("the app's environment is the env file's, not the runtime's", async () => {
    expect(await client.query(query("messages:environment"), {})).toEqual({
      given: "hello there",
      cloud: served.url,
      site: served.siteUrl,
      byGlobal: "hello there",
      path: null,
    });
  });
});

async function whoami(token: string) {
  return post("/api/query", { path: "messages:whoami", args: {} }, { authorization: `Bearer ${token}` });
}

describe("tokens", () => {
  test("make the identity, custom claims flattened", async () => {
    const token = await issuer.sign({
      email: "a@b.c",
      given_name: "A",
      org: { id: "o1", roles: ["x"], plan: { seats: 2 } },
      flag: true,
    });
    expect((await whoami(token)).body["value"]).toEqual({
      tokenIdentifier: "https://issuer.test|user_1",
      issuer: "https://issuer.test",
      subject: "user_1",
      email: "a@b.c",
      givenName: "A",
      "org.id": "o1",
      "org.roles": ["x"],
      "org.plan.seats": 2,
      flag: true,
    });
  });

  test("are refused when expired, foreign, or changed", async () => {
    const other = await makeIssuer(`${folder}/data`);
    const good = await issuer.sign({});
    const refused = {
      expired: await issuer.sign({}, { expiresIn: "-10s" }),
      audience: await issuer.sign({}, { audience: "elsewhere" }),
      issuer: await issuer.sign({}, { issuer: "https://elsewhere.test" }),
      key: await other.sign({}),
      changed: `${good.slice(0, -6)}AAAAAA`,
      unsigned: `${Buffer.from('{"alg":"none"}').toString("base64url")}.${good.split(".")[1]}.`,
      nonsense: "nonsense",
    };
    expect((await whoami(good)).status).toBe(200);
    for (const [name, token] of Object.entries(refused)) {
      const { status, body } = await whoami(token);
      expect({ name, status, code: body["code"] }).toEqual({
        name,
        status: 401,
        code: name === "audience" || name === "issuer" ? "NoAuthProvider" : "InvalidAuthHeader",
      });
    }
    expect((await post("/api/query", { path: "messages:whoami" }, { authorization: "Basic x" })).status).toBe(
      401,
    );
  });
});

describe("HTTP", () => {
  test("bad requests are refused clearly", async () => {
    expect(await post("/api/query", "{")).toMatchObject({ status: 400, body: { code: "BadJsonBody" } });
    expect(await post("/api/query", "[]")).toMatchObject({ status: 400 });
    expect(await post("/api/query", {})).toMatchObject({ status: 400, body: { code: "BadPath" } });
    expect(await post("/api/query", { path: "a:b", format: "xml" })).toMatchObject({ status: 400 });
    expect(await post("/api/nothing", {})).toMatchObject({ status: 404 });
    expect((await fetch(`${served.url}/api/mutation`)).status).toBe(405);
    expect(
      (await post("/api/mutation", { path: "messages:list", args: { channel: "a" } })).body["errorMessage"],
    ).toContain("Trying to execute messages:list as Mutation, but it is defined as Query.");
    expect((await post("/api/query", { path: "constructor:toString" })).body["errorMessage"]).toContain(
      "Could not find public function",
    );
  });

  test("GET queries, versions and timestamps", async () => {
    const url = new URL("/api/query?path=jobs:count&format=json", served.url);
    url.searchParams.set("args", '{"name":"nobody"}');
    expect(await (await fetch(url)).json()).toMatchObject({ status: "success", value: 0 });
    expect(await (await fetch(`${served.url}/version`)).text()).toMatch(/^embedded/);
    // The deprecated client call is what speaks query_ts and query_at_ts.
    expect(await client.consistentQuery(query("jobs:count"), { name: "nobody" })).toBe(0);
  });

  test("browsers of any origin may call", async () => {
    const response = await fetch(`${served.url}/api/query`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.test",
        "access-control-request-headers": "authorization,convex-client",
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.test");
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization,convex-client");
  });

  test("HTTP actions live on the site port", async () => {
    const echoed = await fetch(`${served.siteUrl}/echo?a=1`, {
      method: "POST",
      body: "hello",
      headers: { authorization: `Bearer ${await issuer.sign({})}` },
    });
    expect(echoed.status).toBe(201);
    expect(echoed.headers.get("access-control-allow-origin")).toBe("https://app.test");
    expect(await echoed.json()).toEqual({ body: "hello", query: "?a=1", who: "user_1" });
    expect(await (await fetch(`${served.siteUrl}/count/site`)).text()).toBe("1");
    expect((await fetch(`${served.siteUrl}/nothing`)).status).toBe(404);
    expect((await fetch(`${served.siteUrl}/echo`)).status).toBe(404);
    const broken = await fetch(`${served.siteUrl}/broken`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).toContain("broken on purpose");
  });
});
