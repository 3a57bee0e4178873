import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartFailure } from "../up/options.ts";
import { readArchive } from "./archive.ts";
import type { Manifest } from "./manifest.ts";

/** Lines of a key's file that are keys: age writes notes beside them. */
export function identitiesIn(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith("AGE-SECRET-KEY-"));
}

function checkDatabase(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const [row] = database.prepare("PRAGMA quick_check(1)").all();
    if (row?.quick_check !== "ok") throw new StartFailure(`${path.basename(file)} in it is damaged.`);
  } finally {
    database.close();
  }
}

/**
 * Makes a data folder of a backup: all of it, or nothing.
 * @param data a folder that isn't there, or is empty
 * @throws StartFailure
 */
export async function restoreBackup(
  file: string,
  identities: readonly string[],
  data: string,
): Promise<Manifest> {
  if (fs.existsSync(data) && fs.readdirSync(data).length > 0)
    throw new StartFailure(
      `${data} isn't empty, and nothing in it is replaced. Name another folder, or move that one away.`,
    );
  const folder = `${data}.restoring-${process.pid}`;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const manifest = await readArchive(file, identities, folder);
    const databases = ["convex/data.sqlite", "auth.db"].map((name) => path.join(folder, name));
    for (const database of databases) if (fs.existsSync(database)) checkDatabase(database);
    if (fs.existsSync(data)) fs.rmdirSync(data);
    fs.renameSync(folder, data);
    return manifest;
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
