import fs from "node:fs";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exportData } from "#runtime/export.ts";
import { liveClient, serve, temporaryFolder, until, type Served } from "./support.ts";

type Args = Record<string, unknown>;
const query = (name: string) => makeFunctionReference<"query", Args, unknown>(name);
const mutation = (name: string) => makeFunctionReference<"mutation", Args, unknown>(name);
const action = (name: string) => makeFunctionReference<"action", Args, unknown>(name);

let folder: string;
let served: Served;
let client: ConvexHttpClient;
const start = async () => {
  const dir = "tests/fixtures/convex-components";
  served = await serve({ data: `${folder}/data`, dir, envFile: `${folder}/env` });
  client = new ConvexHttpClient(served.url);
};
const count = async (name: string, of = "counter") => await client.query(query("app:get"), { name, of });

beforeEach(async () => {
  folder = temporaryFolder();
  fs.writeFileSync(`${folder}/env`, "GREETING=hello\nSECRET=the app's\n");
  await start();
});
afterEach(async () => {
  await served.kill();
  fs.rmSync(folder, { recursive: true });
});

test("a component is called in its caller's transaction, with savepoints", async () => {
  expect(await client.mutation(mutation("app:add"), { name: "a" })).toBe(1);
  await expect(client.mutation(mutation("app:add"), { name: "a", fail: true })).rejects.toThrow(
    "not after all",
  );
  expect(await count("a")).toBe(1);
  expect(await client.query(query("app:notes"), {})).toBe(1);
  expect(await client.mutation(mutation("app:add"), { name: "a", lose: true })).toBe(2);
  expect(await count("a")).toBe(2);
});

test("an action, a scheduled function and an HTTP action of a component find their own", async () => {
  expect(await client.action(action("app:act"), { name: "a" })).toBe(1);
  await client.mutation(mutation("app:later"), { name: "a" });
  await until("both to have run", async () => ((await count("a")) === 3 ? true : undefined));
  expect(await (await fetch(`${served.siteUrl}/counter/get?name=a`)).text()).toBe("3");
  expect((await fetch(`${served.siteUrl}/get?name=a`)).status).toBe(404);
});

test("a component has nothing of its app's or another's but what it is given", async () => {
  await client.mutation(mutation("app:add"), { name: "a" });
  await client.mutation(mutation("app:later"), { name: "a" });
  expect(await count("a", "second")).toBe(0);
  const nothing = { secret: null, identity: null, tables: 0 };
  expect(await client.query(query("app:seen"), { of: "counter" })).toEqual({
    ...nothing,
    greeting: "hello",
    jobs: 1,
  });
  expect(await client.query(query("app:seen"), { of: "second" })).toEqual({
    ...nothing,
    greeting: null,
    jobs: 0,
  });
  expect(await client.action(action("app:keep"), {})).toMatchObject({ here: false });
});

test("a handle leads a component back into its app, without anybody's name", async () => {
  expect(await client.mutation(mutation("app:back"), { text: "called back" })).toBe("nobody");
  expect(await client.query(query("app:notes"), {})).toBe(1);
});

test.each(["counter;lib:get", "counter/lib:get", "counter/inner;log:size"])(
  "no client calls a component's function: %s",
  async (name) => {
    await expect(client.query(query(name), { name: "a" })).rejects.toThrow("Could not find public function");
  },
);

test("a live query that reads through a component follows its changes", async () => {
  const live = liveClient(served.url);
  const seen: unknown[] = [];
  live.onUpdate(query("app:get"), { name: "a" }, (value) => seen.push(value));
  await until("the first result", () => (seen.length === 1 ? true : undefined));
  await client.mutation(mutation("app:add"), { name: "b" });
  await client.mutation(mutation("app:add"), { name: "a" });
  await until("the change", () => (seen.length === 2 ? true : undefined));
  expect(seen).toEqual([0, 1]);
  await live.close();
});

test("what a component holds survives kill -9, and is in an export", async () => {
  await client.mutation(mutation("app:add"), { name: "a" });
  await served.kill();
  await start();
  expect(await count("a")).toBe(1);
  expect(exportData(`${folder}/data`, `${folder}/snapshot.zip`)).toMatchObject({
    notes: 1,
    "_components/counter/counts": 1,
    "_components/counter/_components/inner/lines": 1,
    "_components/second/counts": 0,
  });
});
