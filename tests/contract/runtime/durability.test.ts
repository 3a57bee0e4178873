import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { expect, test } from "vitest";
import { data, envFile, folder } from "./fresh-data.ts";
import { ADMIN_KEY, liveClient, runMain, serve, until } from "./support.ts";

type Message = { seq: number; _creationTime: number };
const send = makeFunctionReference<"mutation", { channel: string; body: string; seq: number }, string>(
  "messages:send",
);
const list = makeFunctionReference<"query", { channel: string }, Message[]>("messages:list");
const all = makeFunctionReference<"query", Record<string, never>, Message[]>("messages:inOrder");
const add = makeFunctionReference<"mutation", { name: string }, number>("jobs:add");
const count = makeFunctionReference<"query", { name: string }, number>("jobs:count");

function schema(fields: string, index: string): string {
  return `import { defineSchema, defineTable } from "convex/server"; import { v } from "convex/values";
    export default defineSchema({ things: defineTable({ ${fields} })${index} });`;
}

/** `RUNTIME_KILL_ROUNDS=200` is the long mode. */
const KILL_ROUNDS = Number(process.env["RUNTIME_KILL_ROUNDS"] ?? 3);
const ROUND_TIMEOUT_MS = 30_000;

test(
  "kill -9 under load loses no acknowledged mutation and applies none twice",
  killUnderLoad,
  30_000 + KILL_ROUNDS * ROUND_TIMEOUT_MS,
);

async function killUnderLoad() {
  let served = await serve({ data, envFile });
  const port = Number(new URL(served.url).port);
  const sitePort = Number(new URL(served.siteUrl).port);
  const client = liveClient(served.url);
  const acknowledged = new Set<number>();
  const sending: Promise<void>[] = [];
  let next = 0;
  const load = { stop: false };
  const worker = async () => {
    while (!load.stop) {
      const seq = next++;
      await client.mutation(send, { channel: "load", body: "x", seq });
      await client.mutation(add, { name: "load" });
      acknowledged.add(seq);
    }
  };
  for (let i = 0; i < 8; i++) sending.push(worker());
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const reached = acknowledged.size + 1 + Math.floor(Math.random() * 60);
    await until("progress", () => (acknowledged.size >= reached ? true : undefined), 20_000);
    await served.kill();
    served = await serve({ data, envFile, port, sitePort });
    const fresh = new ConvexHttpClient(served.url);
    expect(await fresh.query(count, { name: `round ${round}` })).toBe(0);
    await fresh.mutation(add, { name: `round ${round}` });
    expect(await fresh.query(count, { name: `round ${round}` })).toBe(1);
  }
  load.stop = true;
  await Promise.all(sending);
  const http = new ConvexHttpClient(served.url);
  const stored = await http.query(list, { channel: "load" });
  const seqs = stored.map(({ seq }) => seq);
  expect(new Set(seqs).size).toBe(seqs.length);
  expect(seqs).toEqual(Array.from({ length: next }, (_, i) => i));
  expect(acknowledged.size).toBe(next);
  // The client resent what was unanswered under its old numbers; the counter shows a double.
  expect(await http.query(count, { name: "load" })).toBe(next);
  // In the order of their creation, no two at the same time.
  const times = (await http.query(all, {})).map((message) => message._creationTime);
  expect(times).toHaveLength(next);
  for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1] ?? Infinity);
  await client.close();
  await served.stop();
}

test("a full disk refuses writes with a clear error, reads go on, and room ends it", async () => {
  const served = await serve({ data, envFile });
  const client = new ConvexHttpClient(served.url, { logger: false });
  await client.mutation(add, { name: "disk" });
  // A limit on the size of the process's files stands for the disk's end.
  const limit = (bytes: string) =>
    promisify(execFile)("prlimit", [`--pid=${served.child.pid}`, `--fsize=${bytes}:unlimited`]);
  await limit("4096");
  await expect(client.mutation(add, { name: "disk" })).rejects.toThrow("The change was not saved");
  expect(await client.query(count, { name: "disk" })).toBe(1);
  await limit("unlimited");
  expect(await client.mutation(add, { name: "disk" })).toBe(2);
  expect(await served.stop()).toBe(0);
  const again = await serve({ data, envFile });
  expect(await new ConvexHttpClient(again.url).query(count, { name: "disk" })).toBe(2);
  await again.stop();
});

test("a restart finds the data, and a live client goes on by itself", async () => {
  const first = await serve({ data, envFile });
  const client = liveClient(first.url);
  let latest = -1;
  client.onUpdate(count, { name: "restart" }, (value) => (latest = value));
  await client.mutation(add, { name: "restart" });
  expect(await first.stop()).toBe(0);
  const second = await serve({
    data,
    envFile,
    port: Number(new URL(first.url).port),
    sitePort: Number(new URL(first.siteUrl).port),
  });
  await new ConvexHttpClient(second.url).mutation(add, { name: "restart" });
  await until("the update", () => (latest === 2 ? true : undefined));
  await client.close();
  expect(await second.stop()).toBe(0);
});

test("a changed schema fills new indexes, and refuses documents that do not fit", async () => {
  const dir = path.join(folder, "app");
  fs.mkdirSync(dir);
  fs.writeFileSync(
    path.join(dir, "things.ts"),
    `import { mutationGeneric, queryGeneric } from "convex/server";
     export const add = mutationGeneric(async (ctx, { n }) => ctx.db.insert("things", { n }));
     export const find = queryGeneric(async (ctx, { n }) =>
       (await ctx.db.query("things").withIndex("by_n", (q) => q.eq("n", n)).collect()).length);`,
  );
  fs.writeFileSync(path.join(dir, "schema.ts"), schema("n: v.any()", ""));
  const addThing = makeFunctionReference<"mutation", { n: unknown }>("things:add");
  const find = makeFunctionReference<"query", { n: unknown }, number>("things:find");
  const first = await serve({ data, dir });
  const client = new ConvexHttpClient(first.url);
  for (const n of [1, 1, "one"]) await client.mutation(addThing, { n });
  await expect(client.query(find, { n: 1 })).rejects.toThrow("Index things.by_n not found");
  await first.stop();
  fs.writeFileSync(path.join(dir, "schema.ts"), schema("n: v.any()", '.index("by_n", ["n"])'));
  const second = await serve({ data, dir });
  expect(await new ConvexHttpClient(second.url).query(find, { n: 1 })).toBe(2);
  await second.stop();
  fs.writeFileSync(path.join(dir, "schema.ts"), schema("n: v.number()", '.index("by_n", ["n"])'));
  const { code, stderr } = await runMain([...flags(dir), "--port", "0", "--site-port", "0"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^Schema validation failed: document \w+ in table "things" does not match the schema/,
  );
  expect(fs.readdirSync(dir).toSorted()).toEqual(["schema.ts", "things.ts"]);
});

const flags = (dir: string) => ["--dir", dir, "--data", data, "--admin-key", ADMIN_KEY];

test("a start that cannot work says why in one sentence", async () => {
  const app = "tests/fixtures/convex-app";
  const broken = path.join(folder, "broken");
  fs.mkdirSync(broken);
  fs.writeFileSync(
    path.join(broken, "a.ts"),
    'import { nothing } from "./missing.ts"; export const x = nothing;',
  );
  const served = await serve({ data, envFile });
  const busy = new URL(served.url).port;
  const other = ["--dir", app, "--admin-key", "k", "--data", path.join(folder, "other")];
  const cases: [string[], RegExp][] = [
    [[], /^--dir is missing/],
    [["--nonsense"], /^Unknown option '--nonsense'/],
    [[...other, "--port", "70000"], /^--port must be a port number/],
    [[...other, "--port", busy], /^Port \d+ is already in use/],
    [[...other, "--env-file", "/nowhere"], /^The env file \/nowhere cannot be read/],
    [[...flags(app), "--port", "0", "--site-port", "0"], /is in use by another runtime/],
    [
      ["--dir", "/nowhere", ...other.slice(2), "--port", "0", "--site-port", "0"],
      /^\/nowhere is not a folder/,
    ],
    [
      ["--dir", broken, ...other.slice(2), "--port", "0", "--site-port", "0"],
      /cannot be bundled: .*a\.ts:1: .*missing/,
    ],
    [[...other, "--port", "0", "--site-port", "0"], /^auth\.config: provider 1 has no jwks/],
  ];
  try {
    for (const [args, expected] of cases) {
      const { code, stderr } = await runMain(args);
      // What an app's modules print while they are loaded is theirs to print.
      const said = stderr
        .trim()
        .split("\n")
        .filter((line) => line !== "these modules are being loaded");
      expect(said.join("\n")).toMatch(expected);
      expect(said).toHaveLength(1);
      expect(code).toBe(1);
    }
  } finally {
    await served.stop();
  }
});
