import { createHash } from "node:crypto";
import { compareKeys, idAtOrAfter, keyAfter } from "../storage/keys.ts";
import type { StoredText } from "../storage/document-cache.ts";
import type { Row } from "../storage/sqlite.ts";
import { Catalog, type Tables } from "./catalog.ts";
import { sizeOf } from "./database.ts";
import { PlatformError } from "./errors.ts";
import { evaluate } from "./filter.ts";
import { decodeStored, type Document, type Json } from "./json.ts";
import { search, type SearchSource } from "./search.ts";
import { resolveSource, tableNameOf, type Bounds, type Source } from "./range.ts";
import type { ReadRange, Transaction } from "./transaction.ts";

/** A query as `convex` writes it: a source, then filters and limits in their order. */
export interface Query {
  source: Source | SearchSource;
  operators: ({ filter: Json } | { limit: number })[];
}

const SMALL_FETCH = 32;
const LARGE_FETCH = 512;

/** Reads a query's documents one after another, and notes exactly what it has read. */
export class QueryStream {
  private readonly transaction: Transaction;
  private readonly bounds: Bounds | null;
  private readonly filters: Json[] = [];
  private readonly limit: number;
  private readonly read: ReadRange | null;
  /** A search's results are all there from the beginning, in the order of their relevance. */
  private readonly isSearch: boolean;
  private lo: Uint8Array;
  private hi: Uint8Array;
  private rows: (StoredText | Row)[] = [];
  private at = 0;
  private fetchSize: number;
  private exhausted: boolean;
  private taken = 0;
  private writesSeen: number;
  private rollbacksSeen: number;
  /** How many documents, and bytes, may be looked at; `outOfBudget` says that this ended the reading. */
  rowBudget = Infinity;
  byteBudget = Infinity;
  outOfBudget = false;
  /** How many documents were looked at, filtered ones included. */
  scanned = 0;
  /** And how large they were together. */
  scannedBytes = 0;
  private key: Uint8Array | null = null;
  /** The last document looked at, as long as its key has not been needed. */
  private unsettled: StoredText | Row | null = null;

  constructor(transaction: Transaction, tables: Tables, query: Query) {
    this.transaction = transaction;
    transaction.meter.charge("databaseQueries", 1);
    const { source } = query;
    this.bounds = source.type === "Search" ? null : resolveSource(tables, source);
    this.isSearch = source.type === "Search";
    if (source.type !== "Search" && !this.bounds)
      transaction.reads.ids.add(tables.absence(tableNameOf(source)));
    if (source.type === "Search") this.rows = search(transaction, tables, source);
    let limit = Infinity;
    for (const operator of query.operators) {
      if ("limit" in operator) limit = Math.min(limit, operator.limit);
      else if (limit === Infinity) this.filters.push(operator.filter);
      else throw new PlatformError("A filter cannot follow a limit.");
    }
    this.limit = limit;
    this.lo = this.bounds?.lo ?? new Uint8Array();
    this.hi = this.bounds?.hi ?? new Uint8Array();
    this.fetchSize = this.filters.length > 0 ? SMALL_FETCH : Math.max(1, Math.min(limit, SMALL_FETCH));
    this.exhausted = this.bounds === null || compareKeys(this.lo, this.hi) >= 0;
    this.writesSeen = transaction.writes.length;
    this.rollbacksSeen = transaction.rollbacks;
    this.read = this.bounds ? { index: this.bounds.index.number, lo: this.lo, hi: this.hi } : null;
    if (!this.read || !this.bounds) return;
    if (this.bounds.order === "asc") this.read.hi = this.lo;
    else this.read.lo = this.hi;
    transaction.reads.ranges.push(this.read);
    transaction.readers.push(this);
  }

  /** Brings what was read, as others see it, up to the last document looked at. */
  settle(): void {
    if (!this.unsettled) return;
    const key = this.keyOf(this.unsettled);
    this.unsettled = null;
    this.key = key;
    if (this.order === "asc") {
      this.lo = keyAfter(key);
      if (this.read) this.read.hi = this.lo;
    } else {
      this.hi = key;
      if (this.read) this.read.lo = key;
    }
  }

  /** Where a document stands. An index's keys are told from its documents, which is cheaper than to read them all. */
  keyOf(row: StoredText | Row): Uint8Array {
    if ("key" in row) return row.key;
    const [key] = this.bounds ? Catalog.keys(this.bounds.index, decodeStored(row.body) as Document) : [];
    return key ?? new Uint8Array();
  }

  /** The key of the last document looked at. */
  get lastKey(): Uint8Array | null {
    this.settle();
    return this.key;
  }

  get order(): "asc" | "desc" {
    return this.bounds?.order ?? "asc";
  }

  /** Starts behind `cursor` and ends at `end` (inclusive); both only ever narrow the query's own range. */
  narrow(cursor: Uint8Array | null, end: Uint8Array | null): void {
    if (this.isSearch) {
      this.rows = this.rows.filter((row) => {
        const key = this.keyOf(row);
        return (!cursor || compareKeys(key, cursor) > 0) && (!end || compareKeys(key, end) <= 0);
      });
    }
    if (!this.bounds || !this.read) return;
    if (this.order === "asc") {
      if (cursor) this.lo = higher(this.lo, keyAfter(cursor));
      if (end) this.hi = lower(this.hi, keyAfter(end));
      this.read.lo = this.lo;
      this.read.hi = this.lo;
    } else {
      if (cursor) this.hi = lower(this.hi, cursor);
      if (end) this.lo = higher(this.lo, end);
      this.read.lo = this.hi;
      this.read.hi = this.hi;
    }
    this.exhausted = compareKeys(this.lo, this.hi) >= 0;
  }

  expect(count: number): void {
    this.fetchSize = Math.max(1, Math.min(count, LARGE_FETCH));
  }

  /** The next document as JSON text, or null at the end. */
  next(): string | null {
    return this.nextFound()?.body ?? null;
  }

  /** The next document where it is here already and nothing can have changed it; undefined where it must be looked for. */
  nextAtHand(): string | undefined {
    const { writes, rollbacks } = this.transaction;
    const row = this.rows[this.at];
    const overtaken = writes.length !== this.writesSeen || rollbacks !== this.rollbacksSeen;
    if (!row || this.taken >= this.limit || this.filters.length > 0 || overtaken) return undefined;
    return this.next() ?? undefined;
  }

  nextFound(): StoredText | Row | null {
    if (this.taken >= this.limit) return null;
    for (;;) {
      const row = this.nextRow();
      if (!row) return null;
      if (this.filters.length > 0) {
        const document = decodeStored(row.body) as Document;
        if (!this.filters.every((filter) => evaluate(document, filter) === true)) continue;
      }
      this.taken++;
      return row;
    }
  }

  /** True if this transaction has since written something that lies ahead of the reader. */
  private overtaken(): boolean {
    const { writes, rollbacks } = this.transaction;
    if (this.isSearch) return false;
    if (writes.length === this.writesSeen && rollbacks === this.rollbacksSeen) return false;
    this.settle();
    const undone = rollbacks !== this.rollbacksSeen;
    const fresh = undone ? [] : writes.slice(this.writesSeen);
    this.writesSeen = writes.length;
    this.rollbacksSeen = rollbacks;
    return (
      undone ||
      fresh.some(
        (write) =>
          "key" in write &&
          write.index === this.bounds?.index.number &&
          compareKeys(write.key, this.lo) >= 0 &&
          compareKeys(write.key, this.hi) < 0,
      )
    );
  }

  /** Whether nothing lies ahead of the reader, filtered or not. */
  atEnd(): boolean {
    if (this.overtaken()) {
      this.rows = [];
      this.at = 0;
      this.exhausted = this.bounds === null;
    }
    if (this.at >= this.rows.length && !this.exhausted) this.fetch();
    if (this.at < this.rows.length) return false;
    this.settle();
    if (this.read) {
      this.read.lo = this.bounds?.order === "asc" ? this.read.lo : this.lo;
      this.read.hi = this.bounds?.order === "asc" ? this.hi : this.read.hi;
    }
    return true;
  }

  private nextRow(): StoredText | Row | null {
    if (this.scanned >= this.rowBudget || this.scannedBytes >= this.byteBudget) {
      this.outOfBudget = !this.atEnd();
      return null;
    }
    if (this.atEnd()) return null;
    const row = this.rows[this.at++];
    if (!row) return null;
    const size = sizeOf(row);
    this.scanned++;
    this.scannedBytes += size;
    this.unsettled = row;
    // A search has counted them when it found them.
    if (!this.isSearch) this.transaction.countRead(size);
    return row;
  }

  private fetch(): void {
    this.settle();
    const { bounds } = this;
    if (!bounds || compareKeys(this.lo, this.hi) >= 0) {
      this.exhausted = true;
      return;
    }
    const { reader: store } = this.transaction;
    const size = this.fetchSize;
    this.rows = bounds.index.isById
      ? store.scanIds(bounds.table.number, idAtOrAfter(this.lo), idAtOrAfter(this.hi), bounds.order, size)
      : store.scanDocuments(bounds.index.number, this.lo, this.hi, bounds.order, size);
    this.at = 0;
    this.exhausted = this.rows.length < size;
    this.fetchSize = Math.min(size * 4, LARGE_FETCH);
  }
}

function higher(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareKeys(a, b) >= 0 ? a : b;
}

function lower(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareKeys(a, b) <= 0 ? a : b;
}

export interface PageRequest {
  query: Query;
  cursor: string | null;
  endCursor: string | null;
  pageSize: number;
  maximumRowsRead: number | null;
  maximumBytesRead?: number | null;
}
export interface Page {
  /** Documents as JSON texts. */
  documents: string[];
  isDone: boolean;
  continueCursor: string;
  splitCursor: string | null;
  pageStatus: "SplitRecommended" | "SplitRequired" | null;
}

const START = 0;
const KEY = 1;
const END = 2;
const FINGERPRINT_BYTES = 8;

function fingerprint(query: Query): Buffer {
  return createHash("sha256").update(JSON.stringify(query)).digest().subarray(0, FINGERPRINT_BYTES);
}

type Position = { kind: typeof START | typeof END } | { kind: typeof KEY; key: Uint8Array };

function writeCursor(query: Query, position: Position): string {
  const key = position.kind === KEY ? position.key : new Uint8Array();
  return Buffer.concat([fingerprint(query), Uint8Array.of(position.kind), key]).toString("base64url");
}

function readCursor(query: Query, cursor: string): Position {
  const bytes = Buffer.from(cursor, "base64url");
  const kind = bytes[FINGERPRINT_BYTES];
  if (
    !bytes.subarray(0, FINGERPRINT_BYTES).equals(fingerprint(query)) ||
    (kind !== START && kind !== KEY && kind !== END)
  ) {
    throw new PlatformError(
      "InvalidCursor: Tried to run a query starting from a cursor, but it looks like this cursor is from a different query.",
    );
  }
  return kind === KEY ? { kind, key: new Uint8Array(bytes.subarray(FINGERPRINT_BYTES + 1)) } : { kind };
}

/**
 * One page. With an end cursor (the caller's, or the one an earlier run of this query ended at) the page
 * is everything up to it, so that neighbouring pages stay gapless while documents come and go.
 */
export function readPage(
  transaction: Transaction,
  tables: Tables,
  request: PageRequest,
  journal: string | null,
): Page {
  const { query, pageSize } = request;
  const start = request.cursor === null ? null : readCursor(query, request.cursor);
  if (start?.kind === END) {
    const cursor = writeCursor(query, { kind: END });
    return { documents: [], isDone: true, continueCursor: cursor, splitCursor: null, pageStatus: null };
  }
  const endText = request.endCursor ?? journal;
  const end = endText === null ? null : readCursor(query, endText);
  const stream = new QueryStream(transaction, tables, query);
  stream.narrow(start?.kind === KEY ? start.key : null, end?.kind === KEY ? end.key : null);
  stream.expect(pageSize + 1);
  const maxRows = request.maximumRowsRead ?? Infinity;
  const maxBytes = request.maximumBytesRead ?? Infinity;
  const rows: (StoredText | Row)[] = [];
  if (!end) {
    stream.rowBudget = maxRows;
    stream.byteBudget = maxBytes;
  }
  let isDone = false;
  for (;;) {
    if (end === null && rows.length >= pageSize) {
      isDone = stream.atEnd();
      break;
    }
    const row = stream.nextFound();
    if (row === null) {
      isDone = !stream.outOfBudget;
      break;
    }
    rows.push(row);
  }
  let position: Position = start ?? { kind: START };
  if (end) position = end;
  else if (isDone) position = { kind: END };
  else if (stream.lastKey) position = { kind: KEY, key: stream.lastKey };
  const overfull = end ? stream.scanned > maxRows || stream.scannedBytes > maxBytes : stream.outOfBudget;
  const large = end !== null && rows.length > pageSize * 2;
  const middle = rows.length > 1 ? rows[Math.floor((rows.length - 1) / 2)] : undefined;
  return {
    documents: rows.map(({ body }) => body),
    isDone: position.kind === END,
    continueCursor: end && endText !== null ? endText : writeCursor(query, position),
    splitCursor:
      (overfull || large) && middle ? writeCursor(query, { kind: KEY, key: stream.keyOf(middle) }) : null,
    pageStatus: overfull ? "SplitRequired" : large ? "SplitRecommended" : null,
  };
}
