import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The file that holds everything. */
export const DATABASE = "data.sqlite";

/** Where the snapshots of a database are made that the admin asks for. */
export const exportsIn = (database: string): string => path.join(path.dirname(database), "exports");

/** Where what is to be imported into a database is kept meanwhile. */
export const importsIn = (database: string): string => path.join(path.dirname(database), "imports");

/** Something outside the app keeps the runtime from starting; the message is one sentence. */
export class StartError extends Error {
  override name = "StartError";
}

/** One runtime a data folder. The lock is SQLite's own, so it ends with the process, however that ends. */
export function lockData(data: string): () => void {
  let lock: DatabaseSync | null = null;
  try {
    fs.mkdirSync(data, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(path.join(data, "lock.sqlite"));
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      /locked|busy/.test(reason)
        ? `The data folder ${data} is in use by another runtime.`
        : `The data folder ${data} cannot be used: ${reason}.`,
      { cause: error },
    );
  }
  const held = lock;
  return () => held.close();
}
