import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { expect, test } from "vitest";
import { client, served } from "./served-app.ts";
import { ADMIN_KEY, liveClient, until } from "./support.ts";

type Named = { name: string };
const named = (path: string) => makeFunctionReference<"mutation", Named, number>(`trouble:${path}`);
const add = makeFunctionReference<"mutation", Named, number>("jobs:add");
const count = makeFunctionReference<"query", Named, number>("jobs:count");
const endlessQuery = makeFunctionReference<"query", { key: string }>("trouble:endlessQuery");
const job = makeFunctionReference<"query", { id: string }, { state: { kind: string } } | null>("jobs:job");
const scheduleEndless = makeFunctionReference<"mutation", Named, string>("trouble:scheduleEndless");
const laterAction = makeFunctionReference<"mutation", { name: string; sleepMs: number }, string>(
  "jobs:laterAction",
);
const action = (name: string) =>
  makeFunctionReference<"action", Record<string, never>, string>(`trouble:${name}`);
const tooLong = makeFunctionReference<"query", Record<string, never>>("trouble:tooLong");

test("an endless mutation fails alone: what waited beside it is done once, and live queries go on", async () => {
  const live = liveClient(served.url);
  let seen = -1;
  live.onUpdate(count, { name: "beside" }, (value) => (seen = value));
  await until("the first result", () => (seen === 0 ? true : undefined));
  await live.mutation(add, { name: "beside" });
  const endless = client.mutation(named("endlessMutation"), { name: "endless" }, { skipQueue: true });
  const failed = expect(endless).rejects.toThrow("Function execution timed out (maximum duration: 1s)");
  const waiting = Array.from({ length: 20 }, async () =>
    client.mutation(add, { name: "beside" }, { skipQueue: true }),
  );
  await failed;
  await Promise.all(waiting);
  expect(await client.query(count, { name: "beside" })).toBe(21);
  expect(await client.query(count, { name: "endless" })).toBe(0);
  await until("the live result", () => (seen === 21 ? true : undefined));
  await live.mutation(add, { name: "beside" });
  await until("the next live result", () => (seen === 22 ? true : undefined));
  await live.close();
});

test("an endless function inside another one ends both", async () => {
  await expect(client.mutation(named("nestedEndless"), { name: "nested" })).rejects.toThrow("timed out");
  expect(await client.query(count, { name: "nested" })).toBe(0);
});

test("an endless live query is told so once, and is not run again and again", async () => {
  const live = liveClient(served.url);
  const errors: string[] = [];
  live.onUpdate(
    endlessQuery,
    { key: "x" },
    () => undefined,
    (error) => errors.push(error.message),
  );
  await until("the refusal", () => (errors.length > 0 ? true : undefined), 30_000);
  expect(errors[0]).toContain("timed out");
  expect(await live.mutation(add, { name: "after" })).toBe(1);
  const ends = served.stderr().match(/endlessQuery \[ENDED\]/g) ?? [];
  expect(ends).toHaveLength(1);
  await live.close();
});

test("an endless job is marked as failed", async () => {
  const id = await client.mutation(scheduleEndless, { name: "job" });
  const kind = await until(
    "the job's end",
    async () => {
      const state = (await client.query(job, { id }))?.state.kind;
      return state === "failed" || state === "success" ? state : undefined;
    },
    30_000,
  );
  expect(kind).toBe("failed");
});

test("a scheduled action goes on while the data's thread is replaced, and its end is noted", async () => {
  const id = await client.mutation(laterAction, { name: "outlives", sleepMs: 4_000 });
  await until("its beginning", async () =>
    (await client.query(count, { name: "outlives" })) === 1 ? true : undefined,
  );
  await expect(client.mutation(named("exit"), { name: "meanwhile" })).rejects.toThrow("timed out");
  const kind = await until(
    "its end",
    async () => {
      const state = (await client.query(job, { id }))?.state.kind;
      return state === "inProgress" ? undefined : state;
    },
    30_000,
  );
  expect([kind, await client.query(count, { name: "outlives" })]).toEqual(["success", 2]);
});

test("a function that ends its process ends only its worker", async () => {
  await expect(client.mutation(named("exit"), { name: "x" })).rejects.toThrow("timed out");
  expect(await client.mutation(add, { name: "survivor" })).toBe(1);
});

test("many short pieces of computing are too long together", async () => {
  await expect(client.query(tooLong, {})).rejects.toThrow("Function execution timed out");
});

test("an endless action, or one that ends its process, stops no other action and no data", async () => {
  const stuck = new ConvexHttpClient(served.url, { logger: false }).action(action("endlessAction"), {});
  stuck.catch(() => undefined);
  expect(await client.mutation(add, { name: "meanwhile" })).toBe(1);
  const pong = await until(
    "another action",
    async () => client.action(action("ping"), {}).catch(() => undefined),
    30_000,
  );
  expect(pong).toBe("pong");
  await expect(client.action(action("exitAction"), {})).rejects.toThrow("Transient error");
  expect(await client.action(action("ping"), {})).toBe("pong");
});

test("the admin key sees what functions logged, and internal functions", async () => {
  const response = await fetch(`${served.url}/api/query`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Convex ${ADMIN_KEY}` },
    body: JSON.stringify({ path: "jobs:value", args: { name: "survivor" } }),
  });
  expect(await response.json()).toMatchObject({ status: "success", value: 1 });
});
