import fs from "node:fs";
import path from "node:path";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exportData } from "#runtime/export.ts";
import { ZipReader } from "#runtime/imports/zip-reader.ts";
import { ZipWriter } from "#runtime/zip.ts";
import { readState, writtenBy } from "#runtime/imports/states.ts";
import {
  ADMIN_KEY,
  liveClient,
  makeIssuer,
  makeProject,
  runConvex,
  serve,
  temporaryFolder,
  until,
  type Served,
} from "./support.ts";

/** `npx convex import` of the unmodified `convex` package. */
const uploadUrl = makeFunctionReference<"mutation", Record<string, never>, string>("files:uploadUrl");
const urlOf = makeFunctionReference<"query", { id: string }, string | null>("files:url");
const add = makeFunctionReference<"mutation", { name: string }, number>("jobs:add");
const inOrder = makeFunctionReference<"query", Record<string, never>, { body: string }[]>("messages:inOrder");
const addCounted = makeFunctionReference<"mutation", { name: string }, number>("app:add");
const keep = makeFunctionReference<"action", Record<string, never>, { id: string }>("app:keep");

let folder: string;
let served: Served;
let envFile: string;
beforeEach(async () => {
  folder = temporaryFolder();
  makeProject(folder);
  ({ envFile } = await makeIssuer(folder));
  await start("first");
});
afterEach(async () => {
  await served.kill();
  fs.rmSync(folder, { recursive: true });
});

async function start(data: string, dir = "tests/fixtures/convex-app"): Promise<void> {
  served = await serve({ data: path.join(folder, data), dir, envFile });
}
const convex = (...args: string[]): Promise<string> => runConvex(served, folder, ...args);
function write(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
}
function zip(name: string, files: Record<string, string>): string {
  const file = path.join(folder, name);
  fs.rmSync(file, { force: true });
  const archive = new ZipWriter(file);
  for (const [at, text] of Object.entries(files)) archive.add(at, [Buffer.from(text)]);
  archive.finish();
  return file;
}
/** Everything that is stored, as an export shows it, by the names in the archive. */
async function stored(data: string): Promise<Record<string, string>> {
  const file = path.join(folder, "shown.zip");
  fs.rmSync(file, { force: true });
  exportData(path.join(folder, data), file);
  const archive = new ZipReader(file);
  const all: Record<string, string> = {};
  for (const entry of archive.entries) {
    const pieces: Uint8Array[] = [];
    for await (const piece of archive.pieces(entry)) pieces.push(piece);
    const lines = Buffer.concat(pieces).toString("latin1").split("\n");
    // What the app's cron job counts goes on meanwhile.
    all[entry.name] = lines
      .filter((line) => !line.includes('"name":"cron"'))
      .toSorted()
      .join("\n");
  }
  return all;
}
/** One of the requests that the command makes. */
async function post<T>(at: string, body: string | Uint8Array<ArrayBuffer> = "{}"): Promise<T> {
  const headers = { authorization: `Convex ${ADMIN_KEY}`, "content-type": "application/json" };
  const answer = await fetch(`${served.url}/api/${at}`, { method: "POST", headers, body });
  return (await answer.json()) as T;
}
async function upload(content: string | Uint8Array<ArrayBuffer>): Promise<{ token: string; part: string }> {
  const { uploadToken: token } = await post<{ uploadToken: string }>("import/start_upload");
  const part = await post<string>(`import/upload_part?uploadToken=${token}&partNumber=1`, content);
  return { token, part };
}
const finishOf = ({ token, part }: { token: string; part: string }, request: object): string =>
  JSON.stringify({ uploadToken: token, partTokens: [part], import: request });
interface ImportState {
  state: string;
  error_message?: string;
}
async function stateOf(importId: string): Promise<ImportState> {
  const body = JSON.stringify({ path: "_system/cli/queryImport", args: { importId } });
  return (await post<{ value: { state: ImportState } }>("query", body)).value.state;
}
/** Imports a file as `npx convex import --replace -y` does. @returns why it failed, "" if it did not */
async function whyNot(file: string, table: string | null = null): Promise<string> {
  const format = { ".zip": "zip", ".csv": "csv", ".json": "jsonArray", ".jsonl": "jsonLines" }[
    path.extname(file)
  ];
  const request = { tableName: table, mode: "replace", format };
  const finish = finishOf(await upload(fs.readFileSync(file)), request);
  const { importId } = await post<{ importId: string }>("import/finish_upload", finish);
  if ((await stateOf(importId)).state === "waiting_for_confirmation")
    await post("perform_import", JSON.stringify({ importId }));
  return until("the import's end", async () => {
    const { state, error_message: why } = await stateOf(importId);
    if (state === "failed") return why;
    return state === "completed" ? "" : undefined;
  });
}
const bodies = async (): Promise<string[]> =>
  (await new ConvexHttpClient(served.url).query(inOrder, {})).map(({ body }) => body);

test("an export comes back whole in another deployment: ids, times, files, and the components' own", async () => {
  await served.kill();
  await start("components", "tests/fixtures/convex-components");
  const client = new ConvexHttpClient(served.url);
  await client.mutation(addCounted, { name: "a" });
  await client.mutation(addCounted, { name: "b" });
  await client.action(keep, {});
  const file = path.join(folder, "snapshot.zip");
  await convex("export", "--include-file-storage", "--path", file);
  const before = await stored("components");
  await served.kill();
  // Other tables came first here, so that all numbers differ.
  await start("second");
  await new ConvexHttpClient(served.url).mutation(add, { name: "other" });
  await served.kill();
  await start("second", "tests/fixtures/convex-components");
  await new ConvexHttpClient(served.url).mutation(addCounted, { name: "goes" });
  await convex("import", "--replace-all", "-y", file);
  expect(await stored("second")).toEqual(before);
  // The indexes are there, too, and what comes next does not collide.
  expect(await new ConvexHttpClient(served.url).mutation(addCounted, { name: "a" })).toBe(2);
});

test("a file is stored as it was, and stays where an export has no files", async () => {
  const client = new ConvexHttpClient(served.url);
  const bytes = Buffer.from(Array.from({ length: 1_200_000 }, (_, i) => (i * 7) % 256));
  const sent = await fetch(await client.mutation(uploadUrl, {}), { method: "POST", body: bytes });
  const { storageId: id } = (await sent.json()) as { storageId: string };
  const [whole, bare] = ["whole.zip", "bare.zip"].map((name) => path.join(folder, name)) as [string, string];
  await convex("export", "--include-file-storage", "--path", whole);
  await convex("export", "--path", bare);
  const download = async () =>
    Buffer.from(await (await fetch((await client.query(urlOf, { id })) ?? "")).arrayBuffer());
  await convex("import", "--replace-all", "-y", bare);
  expect((await download()).equals(bytes)).toBe(true);
  await client.mutation(makeFunctionReference<"mutation", { id: string }>("files:remove"), { id });
  await convex("import", "--replace-all", "-y", whole);
  expect((await download()).equals(bytes)).toBe(true);
});

test("a table is filled from CSV, JSON and JSON lines, by the mode that is asked for", async () => {
  const live = liveClient(served.url);
  const seen: string[][] = [];
  live.onUpdate(inOrder, {}, (rows) => seen.push(rows.map(({ body }) => body)));
  await until("the first result", () => (seen.length === 1 ? true : undefined));
  const csv = write("m.csv", '\uFEFFchannel,body,seq\r\na,"one, ""1""",1\r\na,"two\nlines",-2.5e1\r\n');
  await convex("import", "--table", "messages", csv);
  expect(await bodies()).toEqual(['one, "1"', "two\nlines"]);
  await until("the live result", () => (seen.at(-1)?.length === 2 ? true : undefined));
  await live.close();
  const json = write("m.json", '[{"channel":"a","body":"three","seq":3}]');
  await expect(convex("import", "--table", "messages", json)).rejects.toThrow(
    '"messages" has documents already',
  );
  await convex("import", "--table", "messages", "--append", json);
  expect(await bodies()).toHaveLength(3);
  const at = 1_700_000_000_000.5;
  const lines = write("m.jsonl", `{"channel":"a","body":"four","seq":4,"_creationTime":${at}}\n\n`);
  await convex("import", "--table", "messages", "--replace", "-y", lines);
  expect(await new ConvexHttpClient(served.url).query(inOrder, {})).toMatchObject([
    { body: "four", _creationTime: at },
  ]);
  await expect(convex("import", "--table", "x", "--component", "none", json)).rejects.toThrow(
    'no component "none"',
  );
});

test("an import of what is not sound says why, and changes nothing", async () => {
  const client = new ConvexHttpClient(served.url);
  await client.mutation(add, { name: "stays" });
  await convex("import", "--table", "messages", write("m.json", '[{"channel":"a","body":"stays","seq":1}]'));
  const before = await stored("first");
  const counter = /"_id":"([^"]+)"/.exec(before["counters/documents.jsonl"] ?? "")?.[1] ?? "";
  const good = '{"channel":"a","body":"new","seq":1}\n';
  const ids = (id: number) => `{"name":"messages","id":${id}}\n`;
  const table = (text: string, name = "messages") => zip("bad.zip", { [`${name}/documents.jsonl`]: text });
  const damaged = zip("damaged.zip", { "messages/documents.jsonl": good.repeat(10) });
  const bytes = fs.readFileSync(damaged);
  // Still JSON, but not what its checksum says.
  bytes.write("N", bytes.indexOf("new"));
  fs.writeFileSync(damaged, bytes);
  const bad: [() => string, RegExp][] = [
    [() => table(`${good}{"channel":`), /messages\/documents\.jsonl: Line 2 is not JSON/],
    [() => table("[1]"), /Line 1 is not a JSON object/],
    [() => table('{"channel":"a","body":"b"}'), /does not match the schema/],
    [() => table('{"channel":"a","body":"b","seq":{"$integer":"nonsense"}}'), /messages/],
    [() => table(`{"_id":"${counter}","channel":"a","body":"b","seq":1}`), /could not be told apart/],
    [() => table('{"_id":"nothing","channel":"a","body":"b","seq":1}'), /is no id of the table/],
    [() => table('{"_id":7,"channel":"a","body":"b","seq":1}'), /is no id of the table/],
    [() => table(`${good}{"channel":"a","body":"b","seq":1,"_creationTime":1e300}`), /is no time/],
    [() => table(JSON.stringify({ channel: "a", body: "b".repeat(1_100_000), seq: 1 })), /too large/],
    [() => table(good, "bad name"), /is no name of a table/],
    [() => table(good, "_scheduled_functions"), /is no name of a table/],
    [
      () => zip("bad.zip", { "_tables/documents.jsonl": ids(5), "messages/documents.jsonl": good }),
      /can be no number/,
    ],
    [() => zip("bad.zip", { "readme.md": "nothing" }), /holds no table/],
    [() => zip("bad.zip", { "_components/none/t/documents.jsonl": good }), /no component "none"/],
    [() => damaged, /damaged/],
    [() => write("bad.zip", "PK, but no archive"), /not a readable ZIP/],
    [() => write("bad.zip", ""), /not a readable ZIP/],
  ];
  for (const [file, why] of bad) expect(await whyNot(file()), String(why)).toMatch(why);
  // What fails before it is confirmed, and what fails after, as the command shows them.
  const [unread, unfit] = [bad[0], bad[2]] as [(typeof bad)[0], (typeof bad)[0]];
  for (const [file, why] of [unread, unfit])
    await expect(convex("import", "--replace", "-y", file())).rejects.toThrow(why);
  const tables: [string, string | Uint8Array, RegExp][] = [
    ["bad.csv", "channel,channel\na,b\n", /none of them twice/],
    ["bad.csv", "channel,body,seq\na,b\n", /Row 2 has 2 fields/],
    ["bad.csv", 'channel,body,seq\na,"b,1\n', /does not end/],
    ["bad.jsonl", Uint8Array.of(0x7b, 0xff, 0xfe), /not UTF-8/],
    ["bad.json", '{"channel":"a"}', /not a JSON array/],
  ];
  for (const [name, content, why] of tables) {
    expect(await whyNot(write(name, content), "messages"), String(why)).toMatch(why);
  }
  expect(await stored("first")).toEqual(before);
  expect(await client.mutation(add, { name: "stays" })).toBe(2);
});

/** How far an import has come, as the data folder shows it. */
const STEPS: Record<string, (importId: string) => boolean> = {
  "it is confirmed": () => true,
  "its rows are being stored": () => walBytes() > walBefore,
  "its rows are stored": (importId) => writtenBy(importId, path.join(folder, "first/data.sqlite")) !== null,
  "its end is told": (importId) =>
    readState(path.join(folder, "first/imports"), importId)?.state === "completed",
};
let walBefore = 0;
const walBytes = (): number =>
  fs.statSync(path.join(folder, "first/data.sqlite-wal"), { throwIfNoEntry: false })?.size ?? 0;

test("a runtime that is killed at any step of an import has all or nothing of it, and says which", async () => {
  let imported = 0;
  for (const [step, isReached] of Object.entries(STEPS)) {
    // Each import has another number of rows, so that what is there tells which one it is of.
    const rows = Array.from({ length: 5_000 + imported }, (_, seq) =>
      JSON.stringify({ channel: "a", body: "b", seq }),
    );
    const request = { tableName: "messages", mode: "replace", format: "jsonLines" };
    const finish = finishOf(await upload(rows.join("\n")), request);
    // The client asks again if it gets no answer: both mean the same import.
    const [{ importId }, again] = await Promise.all([
      post<{ importId: string }>("import/finish_upload", finish),
      post<{ importId: string }>("import/finish_upload", finish),
    ]);
    expect(again).toEqual({ importId });
    expect((await stateOf(importId)).state).toBe("waiting_for_confirmation");
    walBefore = walBytes();
    await post("perform_import", JSON.stringify({ importId }));
    await until(step, () => isReached(importId) || undefined);
    await served.kill();
    await start("first");
    const { state } = await stateOf(importId);
    if (state === "completed") imported = rows.length;
    else expect(state, step).toBe("failed");
    const there = (await stored("first"))["messages/documents.jsonl"] ?? "";
    expect(there.split("\n").length - 1, step).toBe(imported);
    if (["its rows are stored", "its end is told"].includes(step)) expect(state, step).toBe("completed");
    // Confirmed once more, it is neither begun again nor half done.
    await post("perform_import", JSON.stringify({ importId }));
    expect((await stateOf(importId)).state).toBe(state);
  }
  expect(fs.readdirSync(path.join(folder, "first/imports")).every((name) => name.endsWith(".json"))).toBe(
    true,
  );
});

test("parts that do not belong to an upload are refused", async () => {
  const { uploadToken: token } = await post<{ uploadToken: string }>("import/start_upload");
  const headers = { authorization: `Convex ${ADMIN_KEY}` };
  const send = (at: string, body = "{}") =>
    fetch(`${served.url}/api/${at}`, { method: "POST", headers, body });
  expect((await send(`import/upload_part?uploadToken=${"0".repeat(32)}&partNumber=1`)).status).toBe(400);
  expect((await send("import/upload_part?uploadToken=../../first&partNumber=1")).status).toBe(400);
  for (const number of ["0", "10000", "1.5", "x", "../1"]) {
    expect((await send(`import/upload_part?uploadToken=${token}&partNumber=${number}`)).status, number).toBe(
      400,
    );
  }
  const finish = (partTokens: unknown, request: object) =>
    send("import/finish_upload", JSON.stringify({ uploadToken: token, partTokens, import: request }));
  const request = { tableName: "messages", mode: "append", format: "csv" };
  expect((await finish(["1"], request)).status).toBe(400);
  expect((await finish(["../../data.sqlite"], request)).status).toBe(400);
  expect((await finish([], { ...request, mode: "destroy" })).status).toBe(400);
  expect((await finish([], { ...request, format: "zip" })).status).toBe(400);
});
