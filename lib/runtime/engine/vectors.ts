import type { Store } from "../storage/sqlite.ts";
import { requireEnabled, type Tables, type Table, type VectorIndex } from "./catalog.ts";
import { PlatformError } from "./errors.ts";
import { evaluate } from "./filter.ts";
import { decodeDocument, fieldAt, isPlainObject, textOf, type Document, type Json } from "./json.ts";
import type { Write } from "./transaction.ts";

/** `ctx.vectorSearch`: every vector of an index is compared, from memory while they fit. */

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 256;
const CHUNK = 500;
/** Vectors of more than this, over all tables, are read from storage by each search instead. */
const MAX_CACHED_BYTES = 256 * 2 ** 20;
/** What an entry takes besides its numbers: its id, its fields to filter by, and the objects themselves. */
const ENTRY_BYTES = 400;

/** A filter as `convex` writes it: `eq` of a declared field, and `or` of these. */
type Filter = { $eq: [{ $field: string }, { $literal: Json }] } | { $or: Filter[] };
export interface VectorQuery {
  /** `table.index`. */
  indexName: string;
  vector: number[];
  limit?: number | null;
  expressions?: Filter | null;
}
export interface Hit {
  _id: string;
  /** Cosine similarity, from -1 to 1. */
  _score: number;
}
interface Entry {
  /** Of length 1. */
  unit: Float32Array;
  /** The fields to filter by, where they are in the document. */
  fields: Document;
}

/** What one index holds, by document. */
type Entries = Map<string, Entry>;

export class Vectors {
  private readonly store: Store;
  private readonly cached = new Map<string, Entries>();
  /** Documents that were written since their table's entries were read. */
  private readonly dirty = new Map<number, Set<string>>();
  private cachedBytes = 0;
  private readonly tableOf: (id: string) => Table | undefined;

  constructor(store: Store, tableOf: (id: string) => Table | undefined) {
    this.store = store;
    this.tableOf = tableOf;
  }

  /** Called after each commit. */
  noticed(writes: readonly Write[]): void {
    if (this.dirty.size === 0) return;
    for (const write of writes) {
      if ("id" in write) this.dirty.get(this.tableOf(write.id)?.number ?? -1)?.add(write.id);
    }
  }

  /**
   * The documents whose vectors are nearest, the nearest first.
   * @throws PlatformError for an index, a vector, a limit or a filter that is not valid
   */
  search(tables: Tables, query: VectorQuery): Hit[] {
    const [tableName = "", indexName = ""] = query.indexName.split(".");
    const table = tables.table(tableName);
    requireEnabled(table, indexName);
    const index = table?.vectors.get(indexName);
    if (!table || !index) throw new PlatformError(`Vector index ${query.indexName} not found.`);
    const limit = query.limit ?? DEFAULT_LIMIT;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      throw new PlatformError(
        `Vector search limit must be between 1 and ${MAX_LIMIT}, got ${String(limit)}.`,
      );
    }
    if (query.vector.length !== index.dimensions) {
      throw new PlatformError(
        `Vector search on ${query.indexName} expects ${index.dimensions} dimensions, got ${query.vector.length}.`,
      );
    }
    if (!query.vector.every((value) => Number.isFinite(value))) {
      throw new PlatformError(`Vector search on ${query.indexName} expects finite numbers.`);
    }
    const unit = unitOf(query.vector);
    const filter = query.expressions ?? null;
    if (filter !== null) checkFilter(index, filter);
    const hits: Hit[] = [];
    const look = (id: string, entry: Entry): void => {
      if (filter === null || evaluate(entry.fields, filter) === true)
        hits.push({ _id: id, _score: dot(unit, entry.unit) });
    };
    const entries = this.entries(table, index);
    if (entries) for (const [id, entry] of entries) look(id, entry);
    else this.each(table, index, look);
    return hits.toSorted((a, b) => b._score - a._score).slice(0, limit);
  }

  /** An index's entries, brought up to date; null where they do not fit in memory. */
  private entries(table: Table, index: VectorIndex): Entries | null {
    const name = `${table.number}.${index.name}`;
    const known = this.cached.get(name);
    if (!known) return this.read(table, index, name);
    const dirty = this.dirty.get(table.number);
    if (dirty && dirty.size > 0) {
      // The other indexes of the table read all of it again.
      for (const key of this.cached.keys())
        if (key.startsWith(`${table.number}.`) && key !== name) this.drop(key);
      for (const id of dirty) {
        const stored = this.store.document(id);
        const entry = stored ? entryOf(decodeDocument(stored.body), index) : null;
        this.set(known, id, entry);
      }
      dirty.clear();
    }
    if (this.cachedBytes <= MAX_CACHED_BYTES) return known;
    this.drop(name);
    return null;
  }

  private read(table: Table, index: VectorIndex, name: string): Entries | null {
    const entries: Entries = new Map();
    this.each(table, index, (id, entry) => {
      if (this.cachedBytes <= MAX_CACHED_BYTES) this.set(entries, id, entry);
    });
    this.cached.set(name, entries);
    if (this.cachedBytes > MAX_CACHED_BYTES) {
      this.drop(name);
      return null;
    }
    // Another index of the table may still have to hear of what was written before.
    if (!this.dirty.has(table.number)) this.dirty.set(table.number, new Set());
    return entries;
  }

  private set(entries: Entries, id: string, entry: Entry | null): void {
    const old = entries.get(id);
    if (old) this.cachedBytes -= sizeOf(old);
    entries.delete(id);
    if (!entry) return;
    entries.set(id, entry);
    this.cachedBytes += sizeOf(entry);
  }

  private drop(name: string): void {
    for (const entry of this.cached.get(name)?.values() ?? []) this.cachedBytes -= sizeOf(entry);
    this.cached.delete(name);
  }

  private each(table: Table, index: VectorIndex, visit: (id: string, entry: Entry) => void): void {
    for (let after = 0; ;) {
      const rows = this.store
        .sql("SELECT rowid, body FROM documents WHERE tbl = ? AND rowid > ? ORDER BY rowid LIMIT ?")
        .all(table.number, after, CHUNK);
      for (const row of rows) {
        after = row["rowid"] as number;
        const document = decodeDocument(row["body"] as string);
        const entry = entryOf(document, index);
        if (entry) visit(textOf(document["_id"]), entry);
      }
      if (rows.length < CHUNK) return;
    }
  }
}

/** What an index holds of a document; null for one without a vector of its length. */
function entryOf(document: Document, index: VectorIndex): Entry | null {
  const vector = fieldAt(document, index.field);
  if (!Array.isArray(vector) || vector.length !== index.dimensions) return null;
  if (!vector.every((value): value is number => typeof value === "number" && Number.isFinite(value)))
    return null;
  return { unit: unitOf(vector), fields: only(document, index.filterFields) };
}

/** A document with nothing but what is at some paths. */
function only(document: Document, paths: readonly string[]): Document {
  const kept: Document = {};
  for (const path of paths) {
    const parts = path.split(".");
    const last = parts.pop() ?? "";
    let at = kept;
    for (const part of parts) {
      const inner = at[part];
      at = isPlainObject(inner) ? inner : (at[part] = {});
    }
    at[last] = fieldAt(document, path);
  }
  return kept;
}

const sizeOf = (entry: Entry): number => entry.unit.byteLength + ENTRY_BYTES;

function unitOf(vector: readonly number[]): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(vector, (value) => (length === 0 ? 0 : value / length));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** @throws PlatformError for a filter by a field that the index does not declare */
function checkFilter(index: VectorIndex, filter: Filter): void {
  if ("$or" in filter) return filter.$or.forEach((part) => checkFilter(index, part));
  const [{ $field: name }] = filter.$eq;
  if (index.filterFields.includes(name)) return;
  throw new PlatformError(`The vector index ${index.name} does not declare "${name}" as a filter field.`);
}
