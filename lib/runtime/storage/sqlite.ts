import { DatabaseSync, type StatementSync } from "node:sqlite";
import { DocumentCache, type StoredText } from "./document-cache.ts";
import { idPrefix } from "./ids.ts";

/** How a row of a range scan looks: with the key that it was found under. */
export interface Row extends StoredText {
  readonly key: Uint8Array;
}
export interface StoredDocument extends StoredText {
  readonly rowid: number;
}
/** SQLite hands over texts much faster than byte strings, and most rows' keys are never looked at. */
class ScannedRow implements Row {
  private readonly hexKey: string;
  readonly body: string;
  readonly size: number | null;

  constructor(hexKey: string, body: string, size: number | null) {
    this.hexKey = hexKey;
    this.body = body;
    this.size = size;
  }

  get key(): Uint8Array {
    return new Uint8Array(Buffer.from(this.hexKey, "hex"));
  }
}
export type Order = "asc" | "desc";

const LAYOUT = `
  CREATE TABLE IF NOT EXISTS documents(
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tbl INTEGER NOT NULL, body TEXT NOT NULL, size INTEGER);
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
  CREATE TABLE IF NOT EXISTS blobs(
    rowid INTEGER PRIMARY KEY, file TEXT NOT NULL, n INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE(file, n));
  CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`;

/** Raised when SQLite gave up the whole transaction (disk full, I/O error): the batch is lost, not half done. */
export class StorageError extends Error {
  override name = "StorageError";
}

/** There is no room for the change; reads go on. */
export class StorageFull extends StorageError {
  override name = "StorageFull";
}

/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE for the file beside the log: https://www.sqlite.org/rescode.html */
const FULL_CODES = [13, 4_874];

/** Whether SQLite failed for want of room. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && FULL_CODES.includes(Number(error.errcode));

/**
 * The documents and their index entries in one SQLite file. Everything is synchronous; transactions
 * are begun and ended by the executor alone.
 */
export class Store {
  readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  /** Committed documents alone: what is read while a transaction is open may be undone. */
  private readonly documents = new DocumentCache();
  private open = false;
  /** The statements that most reads are made of, held so that none is looked up by its text. */
  private readonly scans: Record<Order, { entries: StatementSync; documents: StatementSync }>;
  /** The first write that SQLite refused (disk full, I/O error) since the executor last looked. */
  failure: Error | null = null;

  /** @param path a file, or ":memory:" */
  constructor(path: string) {
    this.db = new DatabaseSync(path, { timeout: 5000 });
    this.db.exec("PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;");
    this.db.exec(
      `PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; PRAGMA wal_autocheckpoint=8000; ${LAYOUT}`,
    );
    this.migrate();
    this.scans = { asc: this.scansIn("ASC"), desc: this.scansIn("DESC") };
  }

  private scansIn(direction: "ASC" | "DESC"): { entries: StatementSync; documents: StatementSync } {
    const entries = this.db.prepare(
      `SELECT doc FROM entries WHERE idx = ? AND key >= ? AND key < ? ORDER BY key ${direction} LIMIT ?`,
    );
    const documents = this.db.prepare(
      `SELECT d.body, d.size, e.doc FROM entries e CROSS JOIN documents d ON d.rowid = e.doc
       WHERE e.idx = ? AND e.key >= ? AND e.key < ? ORDER BY e.key ${direction} LIMIT ?`,
    );
    for (const statement of [entries, documents]) statement.setReturnArrays(true);
    return { entries, documents };
  }

  /** Brings a file that an earlier version wrote to the present layout. */
  private migrate(): void {
    const columns = this.db.prepare("SELECT name FROM pragma_table_info('documents')").all();
    if (columns.some(({ name }) => name === "size")) return;
    this.db.exec("ALTER TABLE documents ADD COLUMN size INTEGER");
  }

  /** A prepared statement, made once per text. */
  sql(text: string): StatementSync {
    let statement = this.statements.get(text);
    if (!statement) this.statements.set(text, (statement = this.db.prepare(text)));
    return statement;
  }

  begin(): void {
    this.sql("BEGIN IMMEDIATE").run();
    this.open = true;
  }

  commit(): void {
    this.sql("COMMIT").run();
    this.open = false;
  }

  rollback(): void {
    this.open = false;
    if (this.db.isTransaction) this.db.exec("ROLLBACK");
  }

  savepoint(name: string): void {
    this.sql(`SAVEPOINT ${name}`).run();
  }

  release(name: string): void {
    this.sql(`RELEASE ${name}`).run();
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
    return this.sql("SELECT rowid, body, size FROM documents WHERE id = ?").get(id) as
      | StoredDocument
      | undefined;
  }

  insertDocument(id: string, table: number, body: string, size: number): number {
    return this.change(
      "INSERT INTO documents(id, tbl, body, size) VALUES(?, ?, ?, ?)",
      id,
      table,
      body,
      size,
    );
  }

  updateDocument(rowid: number, body: string, size: number): void {
    this.documents.forget(rowid);
    this.change("UPDATE documents SET body = ?, size = ? WHERE rowid = ?", body, size, rowid);
  }

  deleteDocument(rowid: number): void {
    this.documents.forget(rowid);
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
    const statement = this.sql(
      `SELECT hex(e.key), d.body, d.size FROM entries e CROSS JOIN documents d ON d.rowid = e.doc
       WHERE e.idx = ? AND e.key >= ? AND e.key < ? ORDER BY e.key ${direction} LIMIT ?`,
    );
    statement.setReturnArrays(true);
    const rows = statement.all(index, lo, hi, limit) as unknown as [string, string, number | null][];
    return rows.map(([key, body, size]) => new ScannedRow(key, body, size));
  }

  /** The documents of {@link scan} without their keys, which cost as much as all the rest of a small read. */
  scanDocuments(index: number, lo: Uint8Array, hi: Uint8Array, order: Order, limit: number): StoredText[] {
    if (!this.open && this.documents.worthAsking()) {
      const found = this.scans[order].entries.all(index, lo, hi, limit) as unknown as [number][];
      const known = this.documents.all(found);
      if (known) return known;
    }
    const { documents } = this.scans[order];
    const rows = documents.all(index, lo, hi, limit) as unknown as [string, number | null, number][];
    return rows.map(([body, size, rowid]) => {
      const text = { body, size };
      if (!this.open) this.documents.keep(rowid, text);
      return text;
    });
  }

  /** Up to `limit` documents of a table with lo <= id < hi, by id. */
  scanIds(
    table: number,
    lo: string,
    hi: string,
    order: Order,
    limit: number,
  ): { id: string; body: string; size: number | null }[] {
    const direction = order === "asc" ? "ASC" : "DESC";
    // A table's ids share their beginning, so the search passes hardly any document of another table.
    const first = idPrefix(table);
    const last = `${first}\u{10ffff}`;
    return this.sql(
      `SELECT id, body, size FROM documents WHERE id >= ? AND id < ? AND tbl = ? ORDER BY id ${direction} LIMIT ?`,
    ).all(lo > first ? lo : first, hi < last ? hi : last, table, limit) as unknown as {
      id: string;
      body: string;
      size: number | null;
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

  /** One piece of a file's content, numbered from 0. */
  addPiece(file: string, n: number, bytes: Uint8Array): void {
    this.change("INSERT INTO blobs(file, n, bytes) VALUES(?, ?, ?)", file, n, bytes);
  }

  piece(file: string, n: number): Uint8Array | undefined {
    const row = this.sql("SELECT bytes FROM blobs WHERE file = ? AND n = ?").get(file, n);
    return row?.["bytes"] as Uint8Array | undefined;
  }

  removePieces(file: string): void {
    this.change("DELETE FROM blobs WHERE file = ?", file);
  }

  /** Removes what uploads that never ended have left. */
  removeOrphanedPieces(): void {
    this.sql("DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM documents WHERE id = blobs.file)").run();
  }

  close(): void {
    this.statements.clear();
    this.db.close();
  }
}
