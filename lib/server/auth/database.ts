import fs from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { NodeSqliteDialect } from "@better-auth/kysely-adapter/node-sqlite-dialect";
import { Kysely } from "kysely";
import { env } from "../env.ts";
import { singleton, takeSingleton } from "../singleton.ts";
import { Outbox } from "./outbox.ts";

/**
 * Two statements of the library's transactions are others here. A transaction that has read before it writes fails at
 * once where another process has written meanwhile, so each takes the right to write when it begins, and waits for it.
 * And where SQLite runs out of room it has ended the transaction itself: a ROLLBACK would fail, and that error would hide
 * the one that says why. See https://sqlite.org/isolation.html and https://sqlite.org/lang_transaction.html
 */
class AuthDatabase extends DatabaseSync {
  override prepare(sql: string): StatementSync {
    if (/^\s*begin\s*$/i.test(sql)) return super.prepare("BEGIN IMMEDIATE");
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
 * The same connection, of which everyone takes turns: a request of the library's holds it for the whole of its
 * transaction, across its waits, and what wrote in between would stand or fall with it.
 */
export const authTurns = (): Kysely<unknown> =>
  singleton(
    "auth-turns",
    () => new Kysely<unknown>({ dialect: new NodeSqliteDialect({ database: authDatabase() }) }),
  );

/**
 * Closes it, where it was opened, once nothing uses it any longer. All of it then stands in `auth.db` alone: whoever
 * copies that file has everything.
 */
export function closeAuthDatabase(): void {
  const database = takeSingleton("auth-database");
  for (const user of ["auth-turns", "identity-outbox"]) takeSingleton(user);
  if (!(database instanceof DatabaseSync)) return;
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

/** What was decided about people's rights, and is not yet done. */
export const outbox = (): Outbox =>
  singleton("identity-outbox", () => new Outbox(authDatabase(), authTurns()));
