import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";
import { Outbox } from "./outbox.ts";

function open(): DatabaseSync {
  const { STUDIO_DATA_DIR } = env();
  fs.mkdirSync(STUDIO_DATA_DIR, { recursive: true });
  const database = new DatabaseSync(path.join(STUDIO_DATA_DIR, "auth.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  return database;
}

/** The embedded driver's database, once a process. */
export const authDatabase = (): DatabaseSync => singleton("auth-database", open);

/** What was decided about people's rights, and is not yet done. */
export const outbox = (): Outbox => singleton("identity-outbox", () => new Outbox(authDatabase()));
