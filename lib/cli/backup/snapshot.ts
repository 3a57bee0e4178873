import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { StartFailure } from "../up/options.ts";
import { startOf } from "../up/claim.ts";

/** How often it is tried to read both databases between two changes of who belongs where. */
const TRIES = 5;
/** Saved work that goes while the data is being read was replaced minutes before: this is often enough to miss none. */
const LOOK_MS = 200;

/** A copy of all that a Studio has, of one moment: files by their names, below a folder of its own. */
export interface Snapshot {
  folder: string;
  /** Sorted. */
  names: string[];
  checkpoints: "here" | "s3";
}

interface From {
  /** The data folder. */
  data: string;
  /** The folder of this checkout. */
  root: string;
  environment: NodeJS.ProcessEnv;
}

/** Who belongs where, and what is decided about it: the two databases must tell of the same. */
function membershipsIn(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    const hash = createHash("sha256");
    const tables = new Set(
      database
        .prepare("SELECT name FROM sqlite_master")
        .all()
        .map((row) => row.name),
    );
    for (const [table, columns] of [
      ["user", "id"],
      ["organization", "id"],
      ["member", "id, userId, organizationId, role"],
      ["studio_identity_changes", "id, due_at"],
    ] as const) {
      if (!tables.has(table)) continue;
      for (const row of database.prepare(`SELECT ${columns} FROM ${table} ORDER BY id`).iterate())
        hash.update(JSON.stringify(row));
      hash.update(table);
    }
    return hash.digest("hex");
  } finally {
    database.close();
  }
}

function copyDatabase(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
  try {
    database.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } finally {
    database.close();
  }
  fs.chmodSync(to, 0o600);
}

/** Has the runtime copy its data, as it is at one moment. @throws StartFailure with its words */
async function copyData({ data, root }: From, file: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      path.join(root, "lib/runtime/main.mjs"),
      "backup",
      "--data",
      path.join(data, "convex"),
      "--file",
      file,
    ],
    { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
  );
  const words = text(child.stderr);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new StartFailure((await words).trim() || `the data could not be copied (${code}).`);
}

/** A second name for a file, or a copy where file systems have no such thing. One that is gone by now is nobody's. */
function keep(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EEXIST") return;
    try {
      fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL);
    } catch (failure) {
      if (!["ENOENT", "EEXIST"].includes((failure as NodeJS.ErrnoException).code ?? "")) throw failure;
    }
  }
}

/** Keeps what is below a folder now, beside what was kept of it before. Files that are still being written are left out. */
function keepAll(from: string, to: string): void {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(from, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  for (const entry of entries) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      fs.mkdirSync(target, { recursive: true, mode: 0o700 });
      keepAll(source, target);
    } else if (entry.isFile() && !entry.name.endsWith(".part")) keep(source, target);
  }
}

/** Files below a folder, by their paths from it, sorted. */
export function filesIn(folder: string, within = ""): string[] {
  return fs
    .readdirSync(path.join(folder, within), { withFileTypes: true })
    .flatMap((entry) => {
      const name = within === "" ? entry.name : `${within}/${entry.name}`;
      return entry.isDirectory() ? filesIn(folder, name) : [name];
    })
    .toSorted();
}

const STAGING = /^backup-(\d+)-(\d+)$/;

/** A folder of this process's own in the data folder; what backups that were killed have left goes. */
function makeStaging(data: string): string {
  for (const name of fs.readdirSync(data)) {
    const [, pid, start] = STAGING.exec(name) ?? [];
    if (pid !== undefined && startOf(Number(pid)) !== start)
      fs.rmSync(path.join(data, name), { recursive: true, force: true });
  }
  const folder = path.join(data, `backup-${process.pid}-${startOf(process.pid)}`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, "convex"), { recursive: true, mode: 0o700 });
  return folder;
}

/** Reads both databases, and what they tell of, so that they fit together. */
async function copyBoth(from: From, folder: string): Promise<void> {
  const accounts = path.join(from.data, "auth.db");
  const [data, people] = [path.join(folder, "convex/data.sqlite"), path.join(folder, "auth.db")];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = fs.existsSync(accounts) ? membershipsIn(accounts) : undefined;
    await copyData(from, data);
    // Clerk keeps people elsewhere.
    if (before === undefined) return;
    copyDatabase(accounts, people);
    if (membershipsIn(people) === before) return;
    for (const file of [data, people]) fs.rmSync(file, { force: true });
  }
  throw new StartFailure(
    "people came and went each time that the data was being read. Nothing was backed up: try again.",
  );
}

/**
 * Copies everything while Studio may be running, without holding anybody up. The caller removes its folder.
 * @throws StartFailure
 */
export async function takeSnapshot(from: From): Promise<Snapshot> {
  const { data, environment } = from;
  if (!fs.existsSync(path.join(data, "convex/data.sqlite")))
    throw new StartFailure(`there is no Studio in ${data}. Name its folder with --data.`);
  const store = environment.STUDIO_CHECKPOINT_STORE || "folder";
  const saved = environment.STUDIO_CHECKPOINT_DIR || path.join(data, "checkpoints");
  const folder = makeStaging(data);
  try {
    const kept = path.join(folder, "checkpoints");
    const look = () => store === "folder" && keepAll(saved, kept);
    if (store === "folder") fs.mkdirSync(kept, { mode: 0o700 });
    // What the data tells of must be there: what was saved before it was read, and what is being saved meanwhile.
    look();
    const reading = new AbortController();
    const looking = (async () => {
      while (!reading.signal.aborted) {
        await sleep(LOOK_MS, undefined, { signal: reading.signal }).catch(() => undefined);
        look();
      }
    })();
    try {
      await copyBoth(from, folder);
    } finally {
      reading.abort();
      await looking;
    }
    for (const name of ["secrets.json", "credentials.json"])
      if (fs.existsSync(path.join(data, name)))
        fs.copyFileSync(path.join(data, name), path.join(folder, name));
    return { folder, names: filesIn(folder), checkpoints: store === "s3" ? "s3" : "here" };
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
