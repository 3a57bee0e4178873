import fs from "node:fs";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeIssuer, serve, temporaryFolder, until, type Served } from "./support.ts";

type Job = { name: string; state: { kind: string; error?: string }; completedTime?: number };
const later = makeFunctionReference<"mutation", { name: string; delayMs: number; how: string }, string>(
  "jobs:later",
);
const laterAction = makeFunctionReference<"mutation", { name: string; sleepMs: number }, string>(
  "jobs:laterAction",
);
const cancel = makeFunctionReference<"mutation", { id: string }>("jobs:cancel");
const job = makeFunctionReference<"query", { id: string }, Job | null>("jobs:job");
const count = makeFunctionReference<"query", { name: string }, number>("jobs:count");

const folder = temporaryFolder();
let served: Served;
let client: ConvexHttpClient;
let envFile: string;

const start = async () => {
  served = await serve({ data: `${folder}/data`, envFile });
  client = new ConvexHttpClient(served.url, { logger: false });
};
const ended = (id: string) =>
  until("the job's end", async () => {
    const found = await client.query(job, { id });
    return found && found.state.kind !== "pending" && found.state.kind !== "inProgress" ? found : undefined;
  });

beforeAll(async () => {
  ({ envFile } = await makeIssuer(folder));
  await start();
});
afterAll(async () => {
  await served.stop();
  fs.rmSync(folder, { recursive: true });
});

test("a scheduled mutation runs once and is marked", async () => {
  const id = await client.mutation(later, { name: "once", delayMs: 500, how: "tick" });
  expect(await client.query(job, { id })).toMatchObject({ name: "jobs.js:tick", state: { kind: "pending" } });
  expect(await ended(id)).toMatchObject({ state: { kind: "success" }, completedTime: expect.any(Number) });
  expect(await client.query(count, { name: "once" })).toBe(1);
});

test("a scheduled mutation that throws is marked as failed and undone", async () => {
  const id = await client.mutation(later, { name: "failing", delayMs: 0, how: "fail" });
  expect(await ended(id)).toMatchObject({
    state: {
      kind: "failed",
      error: expect.stringMatching(/^Uncaught Error: this job fails\n {4}at handler/) as string,
    },
  });
  expect(await client.query(count, { name: "failing" })).toBe(0);
});

test("a canceled job does not run", async () => {
  const id = await client.mutation(later, { name: "canceled", delayMs: 500, how: "tick" });
  await client.mutation(cancel, { id });
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(await client.query(job, { id })).toMatchObject({ state: { kind: "canceled" } });
  expect(await client.query(count, { name: "canceled" })).toBe(0);
});

test("a cron interval keeps running", async () => {
  const before = await client.query(count, { name: "cron" });
  await until("two runs", async () =>
    (await client.query(count, { name: "cron" })) >= before + 2 ? true : undefined,
  );
  expect(await client.query(count, { name: "rare" })).toBe(0);
});

test("jobs due during a stop run after the restart; an action cut short is failed, not repeated", async () => {
  const mutation = await client.mutation(later, { name: "restart", delayMs: 1000, how: "tick" });
  const action = await client.mutation(laterAction, { name: "cut", sleepMs: 60_000 });
  await until("the action's begin", async () =>
    (await client.query(count, { name: "cut" })) === 1 ? true : undefined,
  );
  await served.kill();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await start();
  expect((await ended(mutation)).state.kind).toBe("success");
  expect(await client.query(count, { name: "restart" })).toBe(1);
  expect((await ended(action)).state).toEqual({
    kind: "failed",
    error: "Transient error while executing action",
  });
  expect(await client.query(count, { name: "cut" })).toBe(1);
});

test("a scheduled action runs to its end", async () => {
  const id = await client.mutation(laterAction, { name: "whole", sleepMs: 10 });
  expect((await ended(id)).state.kind).toBe("success");
  expect(await client.query(count, { name: "whole" })).toBe(2);
});
