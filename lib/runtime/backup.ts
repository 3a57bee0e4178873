import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DATABASE, lockData, StartError } from "./data-folder.ts";

/**
 * Copies the data of a folder into one file, while a runtime may be using it: the copy is the state of one
 * moment, made in one read that holds up nobody. It appears under its name only when it is whole, checked
 * and on the disk.
 * @returns its size in bytes
 * @throws StartError
 */
export function backupData(data: string, file: string): number {
  const source = path.join(data, DATABASE);
  if (!fs.existsSync(source)) throw new StartError(`There is no data in ${data}.`);
  if (fs.existsSync(file)) throw new StartError(`${file} is there already; it is not overwritten.`);
  const partial = `${file}.partial`;
  try {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    fs.rmSync(partial, { force: true });
    const db = new DatabaseSync(source, { readOnly: true, timeout: 5000 });
    try {
      db.exec(`VACUUM INTO '${partial.replaceAll("'", "''")}'`);
    } finally {
      db.close();
    }
    check(partial);
    const descriptor = fs.openSync(partial, "r+");
    fs.fsyncSync(descriptor);
    fs.closeSync(descriptor);
    fs.chmodSync(partial, 0o600);
    fs.renameSync(partial, file);
    return fs.statSync(file).size;
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw new StartError(`The backup failed: ${reasonOf(error)}.`, { cause: error });
  }
}

/**
 * Puts a backup in place of a folder's data. What was there stays beside it, under a name with the time.
 * Clients that have seen later states than the backup's come to terms with it by themselves: the runtime's
 * time goes on from the present, never from the backup's.
 * @returns where the earlier data is now, or null if there was none
 * @throws StartError, if a runtime uses the folder, too
 */
export function restoreData(data: string, file: string, now: Date): string | null {
  if (!fs.existsSync(file)) throw new StartError(`There is no backup ${file}.`);
  try {
    check(file);
  } catch (error) {
    throw new StartError(`${file} is no backup of a runtime: ${reasonOf(error)}.`, { cause: error });
  }
  const release = lockData(data);
  try {
    const target = path.join(data, DATABASE);
    const incoming = `${target}.incoming`;
    fs.copyFileSync(file, incoming);
    let kept: string | null = null;
    if (fs.existsSync(target)) {
      // What is still in the write-ahead log belongs to the file.
      const db = new DatabaseSync(target, { timeout: 5000 });
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      db.close();
      kept = `${target}.before-${now.toISOString().replaceAll(/[:.]/g, "-")}`;
      fs.renameSync(target, kept);
    }
    for (const suffix of ["-wal", "-shm"]) fs.rmSync(target + suffix, { force: true });
    fs.renameSync(incoming, target);
    return kept;
  } finally {
    release();
  }
}

/** @throws Error if it is not a whole database with the runtime's tables */
function check(file: string): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const [row] = db.prepare("PRAGMA quick_check(1)").all();
    const verdict = String(row?.["quick_check"]);
    if (verdict !== "ok") throw new Error(verdict);
    db.prepare("SELECT count(*) FROM documents, meta, tables").get();
  } finally {
    db.close();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
