import fs from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { env } from "../env.ts";
import { singleton, takeSingleton } from "../singleton.ts";
import { Outbox } from "./outbox.ts";

/**
 * Where SQLite runs out of room it has ended the transaction itself, and a ROLLBACK would fail: the library's own error
 * would then hide the one that says why.
 */
class AuthDatabase extends DatabaseSync {
  override prepare(sql: string): StatementSync {
    return super.prepare(/^\s*rollback\s*$/i.test(sql) && !this.isTransaction ? "SELECT 1" : sql);
  }
}

function open(): DatabaseSync {
  const { STUDIO_DATA_DIR } = env();
  fs.mkdirSync(STUDIO_DATA_DIR, { recursive: true });
  // The worker and the command line open it, too; a change of the journal's mode waits for them as a write does.
  const database = new AuthDatabase(path.join(STUDIO_DATA_DIR, "auth.db"), { timeout: 5000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  return database;
}

/** The embedded driver's database, once a process. */
export const authDatabase = (): DatabaseSync => singleton("auth-database", open);

/**
 * Closes it, where it was opened, once nothing uses it any longer. All of it then stands in `auth.db` alone: whoever
 * copies that file has everything.
 */
export function closeAuthDatabase(): void {
  const database = takeSingleton("auth-database");
  if (!(database instanceof DatabaseSync)) return;
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

/** What was decided about people's rights, and is not yet done. */
export const outbox = (): Outbox => singleton("identity-outbox", () => new Outbox(authDatabase()));
