import { DatabaseSync, type StatementSync } from "node:sqlite";
import { idPrefix } from "./ids.ts";

/** How a row of a range scan looks: the key it was found under, and the document as Convex JSON text. */
export interface Row {
  key: Uint8Array;
  body: string;
}
export interface StoredDocument {
  rowid: number;
  body: string;
}
export type Order = "asc" | "desc";

const LAYOUT = `
  CREATE TABLE IF NOT EXISTS documents(
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tbl INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS entries(
    idx INTEGER NOT NULL, key BLOB NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY(idx, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tables(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, checked TEXT);
  CREATE TABLE IF NOT EXISTS indexes(
    number INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, name TEXT NOT NULL, fields TEXT NOT NULL, UNIQUE(tbl, name));
  CREATE TABLE IF NOT EXISTS requests(
    session TEXT NOT NULL, request INTEGER NOT NULL, result TEXT NOT NULL, ts TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(session, request)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS requests_by_age ON requests(at);
  CREATE TABLE IF NOT EXISTS crons(name TEXT PRIMARY KEY, spec TEXT NOT NULL, next REAL NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`;

/** Raised when SQLite gave up the whole transaction (disk full, I/O error): the batch is lost, not half done. */
export class StorageError extends Error {
  override name = "StorageError";
}

/**
 * The documents and their index entries in one SQLite file. Everything is synchronous; transactions
 * are begun and ended by the executor alone.
 */
export class Store {
  readonly db: DatabaseSync;
  private readonly path: string;
  private readonly statements = new Map<string, StatementSync>();
  private snapshotStore: Store | null = null;
  /** The first write that SQLite refused (disk full, I/O error) since the executor last looked. */
  failure: Error | null = null;

  /** @param path a file, or ":memory:" */
  constructor(path: string, options: { readOnly?: boolean } = {}) {
    this.path = path;
    this.db = new DatabaseSync(path, { readOnly: options.readOnly ?? false });
    this.db.exec("PRAGMA busy_timeout=5000; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;");
    if (options.readOnly) return;
    this.db.exec(
      `PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; ${LAYOUT}`,
    );
  }

  /** A prepared statement, made once per text. */
  sql(text: string): StatementSync {
    let statement = this.statements.get(text);
    if (!statement) this.statements.set(text, (statement = this.db.prepare(text)));
    return statement;
  }

  /** A second, read-only view that sees committed data only; null for a database in memory. */
  snapshot(): Store | null {
    if (this.path === ":memory:") return null;
    this.snapshotStore ??= new Store(this.path, { readOnly: true });
    return this.snapshotStore;
  }

  begin(): void {
    this.db.exec("BEGIN IMMEDIATE");
  }

  commit(): void {
    this.db.exec("COMMIT");
  }

  rollback(): void {
    if (this.db.isTransaction) this.db.exec("ROLLBACK");
  }

  savepoint(name: string): void {
    this.db.exec(`SAVEPOINT ${name}`);
  }

  release(name: string): void {
    this.db.exec(`RELEASE ${name}`);
  }

  /** @throws StorageError if SQLite has already ended the surrounding transaction */
  rollbackTo(name: string): void {
    if (!this.db.isTransaction) throw new StorageError("the storage ended the transaction");
    this.db.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
  }

  /** One statement of a function's write; returns the row that it inserted, if it did. */
  private change(text: string, ...values: (string | number | Uint8Array)[]): number {
    try {
      return Number(this.sql(text).run(...values).lastInsertRowid);
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  document(id: string): StoredDocument | undefined {
    return this.sql("SELECT rowid, body FROM documents WHERE id = ?").get(id) as StoredDocument | undefined;
  }

  insertDocument(id: string, table: number, body: string): number {
    return this.change("INSERT INTO documents(id, tbl, body) VALUES(?, ?, ?)", id, table, body);
  }

  updateDocument(rowid: number, body: string): void {
    this.change("UPDATE documents SET body = ? WHERE rowid = ?", body, rowid);
  }

  deleteDocument(rowid: number): void {
    this.change("DELETE FROM documents WHERE rowid = ?", rowid);
  }

  addEntry(index: number, key: Uint8Array, rowid: number): void {
    this.change("INSERT INTO entries(idx, key, doc) VALUES(?, ?, ?)", index, key, rowid);
  }

  removeEntry(index: number, key: Uint8Array): void {
    this.change("DELETE FROM entries WHERE idx = ? AND key = ?", index, key);
  }

  /** Up to `limit` rows of an index with lo <= key < hi. */
  scan(index: number, lo: Uint8Array, hi: Uint8Array, order: Order, limit: number): Row[] {
    const direction = order === "asc" ? "ASC" : "DESC";
    return this.sql(
      `SELECT e.key AS key, d.body AS body FROM entries e CROSS JOIN documents d ON d.rowid = e.doc
       WHERE e.idx = ? AND e.key >= ? AND e.key < ? ORDER BY e.key ${direction} LIMIT ?`,
    ).all(index, lo, hi, limit) as unknown as Row[];
  }

  /** Up to `limit` documents of a table with lo <= id < hi, by id. */
  scanIds(
    table: number,
    lo: string,
    hi: string,
    order: Order,
    limit: number,
  ): { id: string; body: string }[] {
    const direction = order === "asc" ? "ASC" : "DESC";
    // A table's ids share their beginning, so the search passes hardly any document of another table.
    const first = idPrefix(table);
    const last = `${first}\u{10ffff}`;
    return this.sql(
      `SELECT id, body FROM documents WHERE id >= ? AND id < ? AND tbl = ? ORDER BY id ${direction} LIMIT ?`,
    ).all(lo > first ? lo : first, hi < last ? hi : last, table, limit) as unknown as {
      id: string;
      body: string;
    }[];
  }

  meta(name: string): string | undefined {
    const row = this.sql("SELECT value FROM meta WHERE name = ?").get(name);
    return row?.["value"] as string | undefined;
  }

  setMeta(name: string, value: string): void {
    this.sql("INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)").run(name, value);
  }

  /** What a client's earlier mutation answered, so that a resent one is not run twice. */
  answered(session: string, request: number): { result: string; ts: string } | undefined {
    return this.sql("SELECT result, ts FROM requests WHERE session = ? AND request = ?").get(
      session,
      request,
    ) as { result: string; ts: string } | undefined;
  }

  rememberAnswer(session: string, request: number, result: string, ts: bigint, nowMs: number): void {
    this.sql("INSERT INTO requests(session, request, result, ts, at) VALUES(?, ?, ?, ?, ?)").run(
      session,
      request,
      result,
      String(ts),
      Math.floor(nowMs),
    );
  }

  forgetAnswersBefore(ms: number): void {
    this.sql("DELETE FROM requests WHERE at < ?").run(Math.floor(ms));
  }

  close(): void {
    this.snapshotStore?.close();
    this.statements.clear();
    this.db.close();
  }
}
