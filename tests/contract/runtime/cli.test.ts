import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_KEY, makeIssuer, serve, temporaryFolder, type Served } from "./support.ts";

/** The commands of the unmodified `convex` package, by the admin key, without the cloud. */
const folder = temporaryFolder();
const data = path.join(folder, "data");
let served: Served;
let envFile: string;
const start = async () => {
  served = await serve({ data, envFile });
};

beforeAll(async () => {
  ({ envFile } = await makeIssuer(folder));
  fs.writeFileSync(path.join(folder, "package.json"), '{"dependencies":{"convex":"1.48.0"}}');
  fs.mkdirSync(path.join(folder, "convex"));
  fs.symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
  await start();
});
afterAll(async () => {
  await served.kill();
  fs.rmSync(folder, { recursive: true });
});

/** What a command writes to stdout. Rejects with what it writes to stderr if it fails. */
async function convex(...args: string[]): Promise<string> {
  const flags = ["--url", served.url, "--admin-key", ADMIN_KEY];
  const bin = path.resolve("node_modules/convex/bin/main.js");
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args, ...flags], { cwd: folder });
  return stdout.trim();
}

test("run calls functions, internal ones too, and lists what there is for a name that is not known", async () => {
  const id = JSON.parse(
    await convex("run", "messages:send", '{channel: "cli", body: "b", seq: 1}'),
  ) as string;
  expect(JSON.parse(await convex("run", "messages:get", JSON.stringify({ id })))).toMatchObject({
    channel: "cli",
  });
  expect(await convex("run", "messages:secret")).toBe('"<secret>"');
  await expect(convex("run", "messages:nothing")).rejects.toThrow(/Available functions:[^]*messages:send/);
  await expect(convex("run", "words:throws")).rejects.toThrow(/Uncaught Error: thrown here\n {4}at handler/);
});

test("data lists tables and their documents, the platform's own too", async () => {
  await convex("run", "jobs:add", '{"name":"seen"}');
  expect((await convex("data")).split("\n")).toEqual(
    expect.arrayContaining(["counters", "messages", "shapes"]),
  );
  const rows = await convex("data", "counters", "--format", "jsonLines");
  expect(rows.split("\n").map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ name: "seen", value: 1 }),
  );
  await convex("run", "jobs:later", '{"name":"x","delayMs":3600000,"how":"tick"}');
  expect(await convex("data", "_scheduled_functions", "--format", "jsonLines")).toContain('"jobs.js:tick"');
});

test("env sets variables for functions at once, and they stay after a restart", async () => {
  await convex("env", "set", "TEST_SETTING", "changed");
  await convex("env", "set", "ADDED", "yes");
  await convex("env", "remove", "ADDED");
  expect(await convex("env", "get", "TEST_SETTING")).toBe("changed");
  const list = await convex("env", "list");
  expect(list).toMatch(/^TEST_SETTING=changed$/m);
  expect(list).not.toMatch(/ADDED|CONVEX_CLOUD_URL/);
  const given = async () =>
    (JSON.parse(await convex("run", "messages:environment")) as { given: string }).given;
  expect(await given()).toBe("changed");
  await served.stop();
  await start();
  expect(await given()).toBe("changed");
});

test("export writes a snapshot", async () => {
  const file = path.join(folder, "snapshot.zip");
  await convex("export", "--path", file);
  const bytes = fs.readFileSync(file);
  expect(bytes.subarray(0, 2).toString()).toBe("PK");
  expect(bytes.includes("counters/documents.jsonl")).toBe(true);
});

test("none of it is for anybody without the key", async () => {
  const post = (at: string, body: object, authorization?: string) =>
    fetch(`${served.url}${at}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
      body: JSON.stringify(body),
    });
  expect((await post("/api/update_environment_variables", { changes: [] })).status).toBe(403);
  expect((await post("/api/export/request/zip", {})).status).toBe(403);
  expect((await fetch(`${served.url}/api/export/zip/1`)).status).toBe(403);
  const query = { path: "_system/cli/queryEnvironmentVariables", args: {} };
  expect(await (await post("/api/query", query)).json()).toMatchObject({ status: "error" });
  const wrong = { changes: [{ name: "not a name", value: "x" }] };
  expect((await post("/api/update_environment_variables", wrong, `Convex ${ADMIN_KEY}`)).status).toBe(400);
});
