import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { createZstdCompress } from "node:zlib";
import { DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { DataService } from "#tests/data.ts";
import { until } from "#tests/api.ts";

const root = path.resolve(import.meta.dirname, "../../..");
let data: DataService;
/** For backups, keys and restored folders. */
let folder: string;
let key: string;
let recipient: string;

interface Ran {
  code: number;
  out: string;
  error: string;
}

async function run(command: "backup" | "restore", ...args: string[]): Promise<Ran> {
  const program = path.join(root, `lib/cli/${command}.ts`);
  const env = { ...process.env, STUDIO_BACKUP_RECIPIENT: "", STUDIO_BACKUP_DIR: "" };
  return await promisify(execFile)(process.execPath, [program, ...args], { cwd: root, env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, error: stderr }),
    (failed: { code: number; stdout: string; stderr: string }) => ({
      code: failed.code,
      out: failed.stdout,
      error: failed.stderr,
    }),
  );
}
const backUp = async (...args: string[]) =>
  await run("backup", "--data", data.folder, "--to", path.join(folder, "backups"), ...args);
/** The backups that are there, the oldest first. */
const backups = () =>
  fs
    .readdirSync(path.join(folder, "backups"))
    .toSorted()
    .map((name) => path.join(folder, "backups", name));
const stagings = () => fs.readdirSync(data.folder).filter((name) => name.startsWith("backup-"));

beforeAll(async () => {
  data = await DataService.start();
  const service = await data.service();
  for (let count = 0; count < 5; count += 1)
    await service.mutation(api.identity.mirror, {
      driver: "embedded",
      user: { externalId: `u${count}`, name: "Ada", email: `ada${count}@studio.example` },
      organization: { externalId: `o${count}`, name: "Team", slug: `team-${count}` },
      role: "admin",
      assertedAt: Date.now(),
      welcomeMicroUsd: 1_000_000,
    });
  const accounts = new DatabaseSync(path.join(data.folder, "auth.db"));
  accounts.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE user (id TEXT); CREATE TABLE organization (id TEXT);
    CREATE TABLE member (id TEXT, userId TEXT, organizationId TEXT, role TEXT);
    INSERT INTO user VALUES ('u0'); INSERT INTO member VALUES ('m0', 'u0', 'o0', 'owner');`);
  accounts.close();
  const saved = path.join(data.folder, "checkpoints/s1");
  fs.mkdirSync(saved, { recursive: true });
  fs.writeFileSync(path.join(saved, "one.pack"), randomBytes(3_000_000));
  fs.writeFileSync(path.join(saved, "two.pack.abc.part"), "half");
});
afterAll(async () => await data?.stop());
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-backup-"));
  key = path.join(folder, "key.txt");
  const made = await run("backup", "key", "--out", key);
  recipient = /STUDIO_BACKUP_RECIPIENT=(age1\S+)/.exec(made.out)?.[1] ?? "";
  expect(fs.statSync(key).mode & 0o777).toBe(0o600);
  return () => fs.rmSync(folder, { recursive: true });
});

test("holds everything of a running Studio, and is a folder of data again", async () => {
  expect(await backUp("--recipient", recipient)).toMatchObject({ code: 0, error: "" });
  const [file = ""] = backups();
  // Nothing of it can be read without the key.
  expect(fs.readFileSync(file).includes("SQLite format")).toBe(false);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(stagings()).toEqual([]);
  const restored = path.join(folder, "restored");
  const done = await run("restore", "--from", file, "--key", key, "--data", restored);
  expect(done).toMatchObject({ code: 0, error: "" });
  for (const name of ["secrets.json", "checkpoints/s1/one.pack"])
    expect(fs.readFileSync(path.join(restored, name))).toEqual(fs.readFileSync(path.join(data.folder, name)));
  expect(fs.readdirSync(path.join(restored, "checkpoints/s1"))).toEqual(["one.pack"]);
  const accounts = new DatabaseSync(path.join(restored, "auth.db"));
  expect(accounts.prepare("SELECT role FROM member").all()).toMatchObject([{ role: "owner" }]);
  accounts.close();
  const again = await DataService.start(fs.readFileSync(path.join(restored, "convex/data.sqlite")));
  try {
    const rows = new DatabaseSync(path.join(again.folder, "convex/data.sqlite"), { readOnly: true });
    expect(Number(rows.prepare("SELECT count(*) AS n FROM documents").get()?.n)).toBeGreaterThan(10);
    rows.close();
  } finally {
    await again.stop();
  }
});

test("a damaged, cut off or foreign backup, and another key, restore nothing and say why", async () => {
  await backUp("--recipient", recipient);
  const [file = ""] = backups();
  const whole = fs.readFileSync(file);
  const restored = path.join(folder, "restored");
  const refused = async (bytes: Buffer, words: RegExp, by = key) => {
    const bad = path.join(folder, "bad.age");
    fs.writeFileSync(bad, bytes);
    const failed = await run("restore", "--from", bad, "--key", by, "--data", restored);
    expect(failed.code).toBe(2);
    expect(failed.error).toMatch(words);
    expect(fs.readdirSync(folder).filter((name) => name.startsWith("restored"))).toEqual([]);
  };
  await refused(whole.subarray(0, whole.length - 1), /damaged or cut off/);
  await refused(whole.subarray(0, whole.length >> 1), /damaged or cut off/);
  const flipped = Buffer.from(whole);
  flipped[whole.length - 2_000]! ^= 1;
  await refused(flipped, /damaged or cut off/);
  await refused(Buffer.from("no backup at all"), /damaged or cut off/);
  const other = path.join(folder, "other.txt");
  await run("backup", "key", "--out", other);
  await refused(whole, /this key doesn't open/, other);
  expect((await run("restore", "--from", file, "--data", restored)).error).toMatch(/is encrypted/);
  fs.mkdirSync(restored);
  fs.writeFileSync(path.join(restored, "mine.txt"), "mine");
  expect((await run("restore", "--from", file, "--key", key, "--data", restored)).error).toMatch(
    /isn't empty/,
  );
  expect(fs.readdirSync(restored)).toEqual(["mine.txt"]);
  expect((await run("restore", "--from", file, "--key", key, "--check")).code).toBe(0);
});

test("writes nothing but the parts of a backup, whatever an archive holds", async () => {
  for (const entry of [
    { name: "../outside.txt" },
    { name: "/etc/outside.txt" },
    { name: "checkpoints/../../outside.txt" },
    { name: "studio.pid" },
    { name: "auth.db", type: "symlink", linkname: "/etc/passwd" },
  ] as const) {
    const tar = pack();
    if ("type" in entry) tar.entry(entry);
    else tar.entry(entry, "x");
    tar.finalize();
    const file = path.join(folder, "made.tar.zst");
    await pipeline(tar, createZstdCompress(), fs.createWriteStream(file));
    const restored = path.join(folder, "restored");
    const failed = await run("restore", "--from", file, "--data", restored);
    expect(failed.error).toContain("no part of a backup");
    expect(fs.readdirSync(folder).toSorted()).toEqual(["key.txt", "made.tar.zst"]);
  }
});

test("says what is missing, and keeps as many as it is told to", async () => {
  expect((await backUp()).error).toMatch(/say whose key opens/);
  expect((await backUp("--recipient", "age1nobody")).error).toMatch(/is no recipient/);
  expect((await backUp("--recipient", recipient, "--keep", "0")).error).toMatch(/isn't a number/);
  expect((await run("backup", "--data", folder, "--to", folder, "--plain")).error).toMatch(
    /there is no Studio/,
  );
  expect((await run("backup", "key", "--out", key)).error).toMatch(/isn't overwritten/);
  fs.mkdirSync(path.join(folder, "backups"), { recursive: true });
  for (const name of [
    "studio-2020-01-01T00-00-00Z.tar.zst.age",
    "studio-2020-01-02T00-00-00Z.tar.zst",
    "mine.txt",
  ])
    fs.writeFileSync(path.join(folder, "backups", name), "x");
  expect((await backUp("--plain", "--keep", "2")).out).toContain(
    "removed studio-2020-01-01T00-00-00Z.tar.zst.age",
  );
  expect(backups().map((file) => path.basename(file))).toEqual([
    "mine.txt",
    "studio-2020-01-02T00-00-00Z.tar.zst",
    expect.stringMatching(/^studio-20\d\d/) as string,
  ]);
});

test("one that is killed leaves no backup, and the next one clears up after it", async () => {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      "lib/cli/backup.ts",
      "--data",
      data.folder,
      "--to",
      path.join(folder, "backups"),
      "--recipient",
      recipient,
    ],
    { cwd: root, stdio: "ignore" },
  );
  await until("the copy", async () => stagings().length > 0);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(stagings()).toHaveLength(1);
  expect(backups().filter((file) => file.endsWith(".age"))).toEqual([]);
  expect((await backUp("--recipient", recipient)).code).toBe(0);
  expect(stagings()).toEqual([]);
});
