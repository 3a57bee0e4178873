import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { convexTest } from "convex-test";
import { makeFunctionReference } from "convex/server";
import { openEngine, type LocalEngine } from "#runtime/engine/engine.ts";
import { messages, schema, TEXT } from "./app.ts";
import { sharesOf } from "./profile.ts";
import { atLeast, figure, inTurns, parallelRate, rate, type RuntimeFigure } from "./measure.ts";

const MS = 2_000;
const SEED_AT_ONCE = 1_000;

function request(path: string, args: object) {
  return { path: `messages:${path}`, args: JSON.stringify(args), internal: true };
}

/** A hundred documents a channel. */
async function seeded(file: string, count: number): Promise<LocalEngine> {
  const engine = openEngine({ schema, modules: { messages }, path: file });
  for (let from = 0; from < count; from += SEED_AT_ONCE) {
    await engine.mutation(request("seed", { from, count: SEED_AT_ONCE, channels: count / 100 }));
  }
  return engine;
}

const tenOf = (engine: LocalEngine, count: number) =>
  rate(MS, (i) => engine.query(request("ten", { channel: Math.abs(i * 7) % (count / 100), nonce: i })));

/** The same rows in a plain table with the same index, read and written by hand. */
function plain(folder: string, count: number) {
  const db = new DatabaseSync(path.join(folder, "plain.sqlite"));
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;
    PRAGMA wal_autocheckpoint=8000; CREATE TABLE messages(id INTEGER PRIMARY KEY, channel REAL, seq REAL, body TEXT);
    CREATE INDEX by_channel ON messages(channel, seq);
    CREATE TABLE documents(rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT);
    CREATE TABLE entries(idx INTEGER, key BLOB, doc INTEGER, PRIMARY KEY(idx, key)) WITHOUT ROWID; BEGIN`);
  const insert = db.prepare("INSERT INTO messages(channel, seq, body) VALUES(?, ?, ?)");
  const document = (i: number) =>
    JSON.stringify({ _id: `id${i}`, _creationTime: i, channel: i % 1000, seq: i, body: TEXT, author: "x" });
  for (let i = 0; i < count; i++) insert.run(i % 1000, Math.floor(i / 1000), document(i));
  const ten = db.prepare("SELECT body FROM messages WHERE channel = ? AND seq >= 0 ORDER BY seq LIMIT 10");
  const tenTexts = (channel: number) => ten.all(channel).map((row) => row["body"] as string);
  const one = db.prepare("SELECT body FROM messages WHERE channel = ? AND seq = ? LIMIT 2");
  const entry = db.prepare("INSERT INTO entries(idx, key, doc) VALUES(?, ?, ?)");
  const store = db.prepare("INSERT INTO documents(id, body) VALUES(?, ?)");
  let next = 0;
  /** A document under a random id, an entry by time and one by channel: what the engine stores, too. */
  const write = (): void => {
    const i = next++;
    const id = randomBytes(20).toString("hex").slice(0, 32);
    const { lastInsertRowid: rowid } = store.run(id, document(i));
    const byTime = Buffer.concat([numberKey(i), Buffer.from(id)]);
    entry.run(1, byTime, rowid);
    entry.run(2, Buffer.concat([numberKey(i % 1000), numberKey(i), byTime]), rowid);
  };
  for (let i = 0; i < count; i++) write();
  db.exec("COMMIT");
  return {
    tenTexts,
    one: (channel: number, seq: number) =>
      one.all(channel, seq).map((row) => JSON.parse(row["body"] as string) as unknown),
    ten: (channel: number) => tenTexts(channel).map((text) => JSON.parse(text) as unknown),
    /** `together` rows and their index entries in one transaction. */
    write: (together: number) => {
      db.exec("BEGIN IMMEDIATE");
      for (let i = 0; i < together; i++) write();
      db.exec("COMMIT");
    },
    close: () => db.close(),
  };
}

function numberKey(value: number): Buffer {
  const key = Buffer.alloc(9, 4);
  key.writeDoubleBE(value, 1);
  return key;
}

/**
 * The same read by the official package's own code, as every function makes it, with nothing but plain SQLite behind it:
 * what an engine that costs nothing would reach.
 * @returns as a part of the read by hand
 */
async function barestTen({ ten, tenTexts }: ReturnType<typeof plain>): Promise<number> {
  const target = globalThis as { Convex?: object };
  const before = target.Convex;
  let rows: string[] = [];
  let channel = 0;
  target.Convex = {
    syscall: (op: string) => {
      if (op === "1.0/queryStream") rows = tenTexts(channel);
      return '{"queryId":1}';
    },
    asyncSyscall: async () => {
      const body = rows.shift();
      return body === undefined ? '{"value":null,"done":true}' : `{"value":${body},"done":false}`;
    },
  };
  const own = messages.ten as unknown as { invokeQuery(args: string): Promise<string> };
  const [byHand, reached] = await inTurns(
    2 * MS,
    (i) => ten((i * 7) % 1000),
    async (i) => {
      channel = (i * 7) % 1000;
      await own.invokeQuery(JSON.stringify([{ channel, nonce: i }]));
    },
  );
  if (before) target.Convex = before;
  else delete target.Convex;
  return reached / byHand;
}

/** `convex-test` with as many documents, doing the same read. */
async function convexTestTen(count: number): Promise<number> {
  const t = convexTest(schema, {
    "/_generated/api.ts": async () => ({}),
    "/messages.ts": async () => messages,
  });
  const seed = makeFunctionReference<"mutation">("messages:seed");
  for (let from = 0; from < count; from += 10_000)
    await t.mutation(seed, { from, count: 10_000, channels: count / 100 });
  const ten = makeFunctionReference<"query">("messages:ten");
  const startedMs = performance.now();
  const calls = 5;
  for (let i = 0; i < calls; i++) await t.query(ten, { channel: i, nonce: i });
  return (calls / (performance.now() - startedMs)) * 1_000;
}

/** Reads, writes and live queries of the engine alone, in this process. */
export async function engineFigures(folder: string, options: { million: boolean }): Promise<RuntimeFigure[]> {
  const count = 100_000;
  // First, since these two take the place of the host that `convex` calls.
  const reference = await convexTestTen(count);
  const sqlite = plain(folder, count);
  const barest = await barestTen(sqlite);
  const small = await seeded(path.join(folder, "small.sqlite"), 1_000);
  const smallTen = await tenOf(small, 1_000);
  await small.close();
  const engine = await seeded(path.join(folder, "engine.sqlite"), count);
  const [plainTen, ten] = await inTurns(
    4 * MS,
    (i) => sqlite.ten((i * 7) % 1000),
    (i) => engine.query(request("ten", { channel: (i * 7) % 1000, nonce: i })),
  );
  const [plainOne, one] = await inTurns(
    2 * MS,
    (i) => sqlite.one((i * 7) % 1000, i % 100),
    (i) => engine.query(request("one", { channel: (i * 7) % 1000, seq: i % 100, nonce: i })),
  );
  const figures = [
    figure("documents", count, ""),
    atLeast("indexed take(10)", ten, "/s", 0.6, barest * plainTen, "what convex's own code allows"),
    figure("  the same by hand", plainTen, "/s"),
    figure("  convex's own collect over plain SQLite", barest, "× plain SQLite"),
    ...(await sharesOf(MS, (i) => engine.query(request("ten", { channel: (i * 7) % 1000, nonce: -1 - i })))),
    figure("one document by an index", one, "/s"),
    figure("  the same by hand", plainOne, "/s"),
    atLeast("indexed take(10)", ten, "/s", 50, reference, "convex-test"),
    atLeast("indexed take(10), 1,000 → 100,000 documents", ten, "/s", 0.7, smallTen, "at 1,000"),
  ];
  const ids = JSON.parse((await engine.query(request("ids", {}))).value) as string[];
  const get = await rate(MS, (i) =>
    engine.query(request("get", { id: ids[Math.abs(i) % ids.length], nonce: i })),
  );
  figures.push(figure("point get", get, "/s"));
  figures.push(
    figure("the same query again (cached)", await rate(MS, () => engine.query(request("ids", {}))), "/s"),
  );
  let seq = 1_000_000;
  const send = () => engine.mutation(request("send", { channel: seq % 1000, seq: seq++ }));
  figures.push(figure("mutations, one after the other", await rate(MS, send), "/s"));
  const bareSerial = await rate(MS, () => sqlite.write(1));
  figures.push(figure("  a bare SQLite transaction each", bareSerial, "/s"));
  const bare = (await rate(MS, () => sqlite.write(64))) * 64;
  const parallel = await parallelRate(MS, 64, send);
  figures.push(atLeast("mutations, 64 at a time", parallel, "/s", 0.5, bare, "bare, 64 a transaction"));
  figures.push(...(await subscriptions(engine)));
  await engine.close();
  sqlite.close();
  if (options.million) {
    const large = await seeded(path.join(folder, "large.sqlite"), 1_000_000);
    const largeTen = await tenOf(large, 1_000_000);
    figures.push(
      atLeast("indexed take(10), 1,000 → 1,000,000 documents", largeTen, "/s", 0.7, smallTen, "at 1,000"),
    );
    await large.close();
  }
  for (const file of fs.readdirSync(folder)) fs.rmSync(path.join(folder, file), { recursive: true });
  return figures;
}

/** 10,000 live queries, of which a mutation concerns one. */
async function subscriptions(engine: LocalEngine): Promise<RuntimeFigure[]> {
  let heard: (() => void) | null = null;
  let opened = 0;
  const clients = Array.from({ length: 100 }, (_, i) => {
    const client = engine.openLive(() => {
      opened++;
      heard?.();
    });
    const queries = Array.from({ length: 100 }, (__, j) => ({
      queryId: j,
      path: "messages:ten",
      args: JSON.stringify({ channel: 100_000 + i * 100 + j, nonce: 0 }),
      journal: null,
    }));
    client.modify(1, queries, []);
    return client;
  });
  while (opened < clients.length) await new Promise((resolve) => setTimeout(resolve, 10));
  const rounds = 200;
  const startedMs = performance.now();
  for (let i = 0; i < rounds; i++) {
    const told = new Promise<void>((resolve) => (heard = resolve));
    await engine.mutation(request("send", { channel: 100_000 + i * 37, seq: i }));
    await told;
  }
  const each = (performance.now() - startedMs) / rounds;
  for (const client of clients) client.close();
  return [figure("a mutation among 10,000 live queries", each, "ms")];
}
