import { getDocumentSize, type Value } from "convex/values";
import { idProblem, newId } from "../storage/ids.ts";
import type { StoredDocument } from "../storage/sqlite.ts";
import { Catalog, type Table, type Tables } from "./catalog.ts";
import { PlatformError } from "./errors.ts";
import { decodeDocument, encodeText, textOf, type Document } from "./json.ts";
import { shapeProblem } from "./shape.ts";
import type { Transaction } from "./transaction.ts";

const MAX_DOCUMENT_BYTES = 1024 * 1024;
const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** Whether a table of the app's may have this name. */
export const isTableName = (name: string): boolean => IDENTIFIER.test(name);
const float = new DataView(new ArrayBuffer(8));

function nextFloat(value: number): number {
  float.setFloat64(0, value);
  float.setBigUint64(0, float.getBigUint64(0) + 1n);
  return float.getFloat64(0);
}

/** Creation times that rise from document to document, over all components. */
export class CreationTimes {
  /** The newest, in milliseconds. */
  last: number;

  constructor(last: number) {
    this.last = last;
  }

  next(nowMs: number): number {
    this.last = nowMs > this.last ? nowMs : nextFloat(this.last);
    return this.last;
  }
}

/** What a stored document counts as, also if it was written before sizes were kept. */
export function sizeOf(stored: { body: string; size: number | null }): number {
  return stored.size ?? getDocumentSize(decodeDocument(stored.body) as Record<string, Value>);
}

/** The keys of `keys` that are not among `others`. */
function without(keys: readonly Uint8Array[], others: readonly Uint8Array[]): readonly Uint8Array[] {
  const [key] = keys;
  const [other] = others;
  if (key && other && keys.length === 1 && others.length === 1) {
    return Buffer.compare(key, other) === 0 ? [] : keys;
  }
  const known = new Set(others.map((bytes) => Buffer.from(bytes).toString("latin1")));
  return keys.filter((bytes) => !known.has(Buffer.from(bytes).toString("latin1")));
}

/** A component's documents: reading by id, and every change, with its index entries and its trace for live queries. */
export class Database {
  private readonly tables: Tables;
  private readonly times: CreationTimes;

  constructor(tables: Tables, times: CreationTimes) {
    this.tables = tables;
    this.times = times;
  }

  /**
   * The document as JSON text, or null.
   * @throws PlatformError if the id belongs to another table than `expected`, or to no table
   */
  get(transaction: Transaction, id: string, expected: string | undefined, system: boolean): string | null {
    const table = this.tableOf(id, expected, "get");
    if (!table) {
      transaction.reads.ids.add(id);
      return null;
    }
    if (table.name.startsWith("_") !== system) {
      throw new PlatformError(
        `${system ? "User" : "System"} tables can only be accessed from db.${system ? "" : "system."}get().`,
      );
    }
    return this.read(transaction, id);
  }

  /** @param ownId an id made for this document before, by `newId` */
  insert(transaction: Transaction, tableName: string, value: Document, ownId?: string): string {
    this.requireWritable(transaction);
    if (!tableName.startsWith("_") && !isTableName(tableName)) {
      throw new PlatformError(
        `Table name "${tableName}" is invalid: use up to 64 letters, digits and underscores, starting with a letter.`,
      );
    }
    const table = this.ensure(transaction, tableName);
    if ("_id" in value || "_creationTime" in value) {
      throw new PlatformError(
        `Failed to insert into table "${tableName}": _id and _creationTime are set by the database.`,
      );
    }
    const id = ownId ?? newId(table.number, transaction.now);
    this.place(transaction, table, { ...value, _id: id, _creationTime: this.times.next(transaction.now) });
    return id;
  }

  /** Inserts a document that has its id and its creation time from elsewhere. */
  restore(transaction: Transaction, tableName: string, document: Document): void {
    this.requireWritable(transaction);
    this.place(transaction, this.ensure(transaction, tableName), document);
  }

  private ensure(transaction: Transaction, tableName: string): Table {
    // Queries that read it while it was not there have to run again.
    if (!this.tables.table(tableName)) transaction.writes.push({ id: this.tables.absence(tableName) });
    return this.tables.ensure(tableName);
  }

  private place(transaction: Transaction, table: Table, document: Document): void {
    const id = textOf(document["_id"]);
    const { body, size } = this.check(table, document);
    transaction.remember(id, table.number, null);
    const rowid = transaction.store.insertDocument(id, table.number, body, size);
    for (const index of table.indexes.values()) {
      for (const key of Catalog.keys(index, document)) {
        if (!index.isById) transaction.store.addEntry(index.number, key, rowid);
        transaction.writes.push({ index: index.number, key });
      }
    }
    transaction.writes.push({ id });
    transaction.countWrite(size);
  }

  patch(transaction: Transaction, id: string, changes: Document, expected: string | undefined): void {
    this.change(transaction, id, expected, "patch", (old) => {
      const next = { ...old };
      for (const [field, value] of Object.entries(changes)) {
        if (value === undefined) delete next[field];
        else next[field] = value;
      }
      return next;
    });
  }

  replace(transaction: Transaction, id: string, value: Document, expected: string | undefined): void {
    this.change(transaction, id, expected, "replace", () => value);
  }

  remove(transaction: Transaction, id: string, expected: string | undefined): void {
    this.requireWritable(transaction);
    const table = this.tableOf(id, expected, "delete");
    if (table) this.requireUserTable(table);
    const stored = transaction.store.document(id);
    transaction.reads.ids.add(id);
    if (!table || !stored) throw new PlatformError(`Delete on nonexistent document ID ${id}`);
    transaction.countRead(sizeOf(stored));
    this.erase(transaction, table, id, stored);
    transaction.countWrite(0);
  }

  /** Overwrites fields of a document of any table, system tables included; without effect if it is gone. */
  setFields(transaction: Transaction, id: string, fields: Document): void {
    const table = this.tables.tableOf(id);
    const stored = transaction.store.document(id);
    if (!table || !stored) return;
    const old = decodeDocument(stored.body);
    this.write(transaction, table, stored, old, { ...old, ...fields });
  }

  /** Removes a document of a system table. */
  removeSystem(transaction: Transaction, id: string): void {
    const table = this.tables.tableOf(id);
    const stored = transaction.store.document(id);
    if (table && stored) this.erase(transaction, table, id, stored);
  }

  /** One document as JSON text, of any table; null if there is none. */
  read(transaction: Transaction, id: string): string | null {
    transaction.reads.ids.add(id);
    const stored = transaction.reader.document(id);
    transaction.meter.charge("databaseQueries", 1);
    if (stored) transaction.countRead(sizeOf(stored));
    return stored?.body ?? null;
  }

  private erase(transaction: Transaction, table: Table, id: string, stored: StoredDocument): void {
    const old = decodeDocument(stored.body);
    transaction.remember(id, table.number, stored);
    for (const index of table.indexes.values()) {
      for (const key of Catalog.keys(index, old)) {
        if (!index.isById) transaction.store.removeEntry(index.number, key);
        transaction.writes.push({ index: index.number, key });
      }
    }
    transaction.store.deleteDocument(stored.rowid);
    transaction.writes.push({ id });
  }

  private change(
    transaction: Transaction,
    id: string,
    expected: string | undefined,
    method: "patch" | "replace",
    next: (old: Document) => Document,
  ): void {
    this.requireWritable(transaction);
    const table = this.tableOf(id, expected, method);
    if (table) this.requireUserTable(table);
    const stored = transaction.store.document(id);
    transaction.reads.ids.add(id);
    if (!table || !stored) throw new PlatformError(`Update on nonexistent document ID ${id}`);
    transaction.countRead(sizeOf(stored));
    const old = decodeDocument(stored.body);
    const changed = next(old);
    const sameId = changed["_id"] === undefined || changed["_id"] === id;
    const sameTime =
      changed["_creationTime"] === undefined || changed["_creationTime"] === old["_creationTime"];
    if (!sameId) {
      throw new PlatformError(
        `Failed to ${method} document: the \`_id\` ${JSON.stringify(changed["_id"])} does not match the document ID "${id}".`,
      );
    }
    if (!sameTime) {
      throw new PlatformError(`Failed to ${method} document ${id}: _creationTime cannot be changed.`);
    }
    const document = { ...changed, _id: id, _creationTime: old["_creationTime"] };
    this.write(transaction, table, stored, old, document);
  }

  private write(
    transaction: Transaction,
    table: Table,
    stored: StoredDocument,
    old: Document,
    document: Document,
  ): void {
    const { rowid } = stored;
    const { body, size } = this.check(table, document);
    transaction.remember(textOf(document["_id"]), table.number, stored);
    for (const index of table.indexes.values()) {
      const before = Catalog.keys(index, old);
      const after = index.isById ? before : Catalog.keys(index, document);
      for (const key of before) transaction.writes.push({ index: index.number, key });
      for (const key of without(before, after)) transaction.store.removeEntry(index.number, key);
      for (const key of without(after, before)) {
        transaction.store.addEntry(index.number, key, rowid);
        transaction.writes.push({ index: index.number, key });
      }
    }
    transaction.store.updateDocument(rowid, body, size);
    transaction.writes.push({ id: textOf(document["_id"]) });
    transaction.countWrite(size);
  }

  private check(table: Table, document: Document): { body: string; size: number } {
    const problem = this.tables.problem(table, document);
    if (problem) {
      throw new PlatformError(
        `Failed to insert or update a document in table "${table.name}" because it does not match the schema: ${problem}`,
      );
    }
    const reserved = Object.keys(document).find(
      (field) => field.startsWith("_") && field !== "_id" && field !== "_creationTime",
    );
    if (reserved !== undefined && !table.name.startsWith("_")) {
      throw new PlatformError(
        `Field name ${reserved} starts with an underscore, which is only allowed for system fields like '_id'.`,
      );
    }
    const shape = shapeProblem(document);
    if (shape) throw new PlatformError(shape);
    const size = getDocumentSize(document as Record<string, Value>);
    if (size > MAX_DOCUMENT_BYTES) {
      throw new PlatformError(
        `Value is too large (${size} bytes > maximum size ${MAX_DOCUMENT_BYTES} bytes).`,
      );
    }
    return { body: encodeText(document), size };
  }

  /** The table of an id; undefined for a well-formed id of a table that is not there. */
  private tableOf(id: string, expected: string | undefined, method: string): Table | undefined {
    const table = this.tables.tableOf(id);
    const problem = table ? null : idProblem(id);
    const isOther = table && expected !== undefined && expected !== table.name;
    const reason = isOther
      ? `expected to be an Id<"${expected}">, got Id<"${table.name}"> instead.`
      : problem;
    if (reason !== null) throw new PlatformError(`Invalid argument \`id\` for \`db.${method}\`: ${reason}`);
    return table;
  }

  private requireUserTable(table: Table): void {
    if (table.name.startsWith("_")) {
      throw new PlatformError("System tables (prefixed with `_`) are read-only.");
    }
  }

  private requireWritable(transaction: Transaction): void {
    if (!transaction.writable) throw new PlatformError("Queries cannot write to the database.");
  }
}
