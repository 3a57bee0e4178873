import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ADMIN_KEY,
  convexCommand,
  makeIssuer,
  makeProject,
  runConvex,
  serve,
  temporaryFolder,
  until,
  type Served,
} from "./support.ts";

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
  makeProject(folder);
  await start();
});
afterAll(async () => {
  await served.kill();
  fs.rmSync(folder, { recursive: true });
});

const convex = (...args: string[]): Promise<string> => runConvex(served, folder, ...args);

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

test("logs tells what functions log and why they fail, as it happens, after what happened last", async () => {
  await convex("run", "words:logs");
  const watching = spawn(process.execPath, convexCommand(served, "logs", "--history", "100", "--success"), {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let shown = "";
  watching.stdout.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const has = async (what: string) => until(what, () => (shown.includes(what) ? true : undefined), 30_000);
  try {
    await has("[CONVEX Q(words:logs)] [LOG] 'text' { a: 1 } [ true ]");
    expect(shown).not.toContain("TEST_SETTING");
    await expect(convex("run", "words:throws")).rejects.toThrow("thrown here");
    await has("[CONVEX Q(words:throws)] Uncaught Error: thrown here");
    await convex("run", "jobs:add", '{"name":"logged"}');
    await has("[CONVEX M(jobs:add)] Function executed in");
    await fetch(`${served.siteUrl}/stream/1`);
    await has("[CONVEX H(GET /stream/*)]");
    await expect(convex("run", "trouble:endlessQuery", '{"key":"log"}')).rejects.toThrow("timed out");
    await has("[CONVEX Q(trouble:endlessQuery)] Function execution timed out");
  } finally {
    watching.kill();
  }
});

test("a question for the log with nothing to tell waits for news, wherever its cursor stands", async () => {
  const ask = async (cursor: number) => {
    const headers = { authorization: `Convex ${ADMIN_KEY}` };
    const answer = await fetch(`${served.url}/api/stream_function_logs?cursor=${cursor}`, { headers });
    return (await answer.json()) as { entries: { identifier: string }[]; newCursor: number };
  };
  for (const ahead of [1, 2]) {
    let { newCursor: cursor } = await ask(0);
    const asked = ask(cursor * ahead);
    await convex("run", "jobs:add", '{"name":"news"}');
    let { entries } = await asked;
    // A cron job of the app's may have been first.
    await until("the news", async () => {
      if (entries.some(({ identifier }) => identifier === "jobs:add")) return true;
      ({ entries, newCursor: cursor } = await ask(cursor));
      return undefined;
    });
  }
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
  expect((await fetch(`${served.url}/api/stream_function_logs?cursor=0`)).status).toBe(403);
  expect((await post("/api/import/start_upload", {})).status).toBe(403);
  expect((await post("/api/perform_import", { importId: "x" })).status).toBe(403);
  const query = { path: "_system/cli/queryEnvironmentVariables", args: {} };
  expect(await (await post("/api/query", query)).json()).toMatchObject({ status: "error" });
  const wrong = { changes: [{ name: "not a name", value: "x" }] };
  expect((await post("/api/update_environment_variables", wrong, `Convex ${ADMIN_KEY}`)).status).toBe(400);
});
