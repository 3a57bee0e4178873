import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { expect, test } from "vitest";
import { data, envFile, folder } from "./fresh-data.ts";
import { liveClient, runMain, serve, until } from "./support.ts";

const add = makeFunctionReference<"mutation", { name: string }, number>("jobs:add");
const count = makeFunctionReference<"query", { name: string }, number>("jobs:count");
const greet = makeFunctionReference<"query", Record<string, never>, string>("hello:greet");

async function run(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--", "lib/runtime/main.mjs", ...args]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("a backup of a live database is one moment of it, and a client survives its restore", async () => {
  const file = path.join(folder, "backups", "one.sqlite");
  let served = await serve({ data, envFile });
  const ports = { port: Number(new URL(served.url).port), sitePort: Number(new URL(served.siteUrl).port) };
  const client = liveClient(served.url);
  let seen = -1;
  client.onUpdate(count, { name: "kept" }, (value) => (seen = value));
  await client.mutation(add, { name: "kept" });
  const load = { stop: false };
  const writing = (async () => {
    while (!load.stop) await client.mutation(add, { name: "load" });
  })();
  expect(await run("backup", "--data", data, "--file", file)).toMatchObject({ file });
  load.stop = true;
  await writing;
  await client.mutation(add, { name: "kept" });
  await until("the second count", () => (seen === 2 ? true : undefined));
  const inUse = await runMain(["restore", "--data", data, "--file", file]);
  expect(inUse).toMatchObject({ code: 1, stderr: expect.stringMatching(/is in use by another runtime/) });
  await served.stop();
  const { before } = await run("restore", "--data", data, "--file", file);
  expect(fs.existsSync(String(before))).toBe(true);
  served = await serve({ data, envFile, ...ports });
  await until("the restored count", () => (seen === 1 ? true : undefined), 20_000);
  expect(await client.mutation(add, { name: "kept" })).toBe(2);
  await until("the count after the restore", () => (seen === 2 ? true : undefined));
  await client.close();
  await served.stop();
});

/** The files of an archive, by its directory at the end. */
function unzip(file: string): Record<string, Buffer> {
  const bytes = fs.readFileSync(file);
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06"));
  const files: Record<string, Buffer> = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26);
    const content = bytes.subarray(start, start + bytes.readUInt32LE(at + 24));
    expect(bytes.toString("utf8", local + 30, start)).toBe(name);
    expect(crc32(content)).toBe(bytes.readUInt32LE(local + 14));
    files[name] = content;
    at += 46 + nameLength;
  }
  return files;
}

test("an export holds every document and file, as an import takes them", async () => {
  const served = await serve({ data, envFile });
  const client = new ConvexHttpClient(served.url);
  await client.mutation(add, { name: "one" });
  await client.mutation(add, { name: "two" });
  const uploadUrl = makeFunctionReference<"mutation", Record<string, never>, string>("files:uploadUrl");
  const content = Buffer.alloc(700_000, "x");
  const upload = await fetch(await client.mutation(uploadUrl, {}), { method: "POST", body: content });
  const { storageId } = (await upload.json()) as { storageId: string };
  const file = path.join(folder, "snapshot.zip");
  const { documents } = await run("export", "--data", data, "--file", file);
  expect(documents).toMatchObject({ counters: 2, _storage: 1 });
  await served.stop();
  const files = unzip(file);
  const rows = (name: string) =>
    (files[`${name}/documents.jsonl`]?.toString() ?? "")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows("counters").map(({ name }) => name)).toEqual(["one", "two"]);
  expect(rows("_tables")).toContainEqual({ name: "counters", id: expect.any(Number) as number });
  expect(rows("_storage")[0]).toMatchObject({ _id: storageId, size: content.length });
  expect(files[`_storage/${storageId}`]?.equals(content)).toBe(true);
});

test("a backup that cannot be made or used says why", async () => {
  const file = path.join(folder, "none.sqlite");
  fs.writeFileSync(path.join(folder, "text.sqlite"), "no database at all");
  const cases: [string[], RegExp][] = [
    [["backup", "--data", data, "--file", file], /^There is no data in/],
    [["backup", "--data", data], /^--file is missing/],
    [["restore", "--data", data, "--file", file], /^There is no backup/],
    [["restore", "--data", data, "--file", path.join(folder, "text.sqlite")], /is no backup of a runtime/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await runMain(args);
    expect(stderr).toMatch(expected);
    expect(code).toBe(1);
  }
});

test("with --watch, changed code is taken over at once, and what cannot be is told", async () => {
  const dir = path.join(folder, "app");
  fs.mkdirSync(dir);
  const write = (name: string, text: string) => fs.writeFileSync(path.join(dir, name), text);
  const hello = (text: string) => `import { queryGeneric, mutationGeneric } from "convex/server";
    export const greet = queryGeneric(async (ctx) => {
      const all = await ctx.db.query("guests").collect();
      return "${text} " + all.length;
    });
    export const come = mutationGeneric(async (ctx) => ctx.db.insert("guests", { name: "Ada" }));`;
  const schema = (field: string) => `import { defineSchema, defineTable } from "convex/server";
    import { v } from "convex/values";
    export default defineSchema({ guests: defineTable({ name: v.string()${field} }) });`;
  write("hello.ts", hello("hello"));
  write("schema.ts", schema(""));
  const served = await serve({ data, dir, extra: ["--watch"] });
  const client = liveClient(served.url);
  const come = makeFunctionReference<"mutation", Record<string, never>>("hello:come");
  let seen = "";
  client.onUpdate(greet, {}, (value) => (seen = value));
  await client.mutation(come, {});
  await until("the first result", () => (seen === "hello 1" ? true : undefined));
  write("hello.ts", hello("welcome"));
  await until("the new code's result", () => (seen === "welcome 1" ? true : undefined), 20_000);
  write("hello.ts", "this is no code");
  await until(
    "the refusal",
    () => (/not reloaded: .*hello\.ts/.test(served.stderr()) ? true : undefined),
    20_000,
  );
  write("hello.ts", hello("again"));
  await until("the mended code", () => (seen === "again 1" ? true : undefined), 20_000);
  write("schema.ts", schema(", age: v.number()"));
  await until(
    "the schema's refusal",
    () =>
      /not reloaded: Schema validation failed: document \w+ in table "guests"/.test(served.stderr())
        ? true
        : undefined,
    20_000,
  );
  await client.mutation(come, {});
  await until("the present code", () => (seen === "again 2" ? true : undefined));
  write("schema.ts", schema(", age: v.optional(v.number())"));
  await until(
    "the new schema",
    () => (served.stderr().match(/reloaded \//g)?.length === 3 ? true : undefined),
    20_000,
  );
  expect(client.connectionState().connectionCount).toBe(1);
  await client.close();
  expect(await new ConvexHttpClient(served.url).query(greet, {})).toBe("again 2");
  expect(await served.stop()).toBe(0);
});
