import type { Store, StoredDocument } from "../storage/sqlite.ts";
import type { Before, Reader } from "./snapshot.ts";
import { Meter, type LimitOptions } from "./limits.ts";

/** A range of one index that was read: lo <= key < hi. Narrowed while the reader moves on. */
export interface ReadRange {
  readonly index: number;
  lo: Uint8Array;
  hi: Uint8Array;
}

/** What a function has read: if none of it is written, running the function again gives the same. */
export interface ReadSet {
  readonly ranges: ReadRange[];
  readonly ids: Set<string>;
}

export type Write = { readonly index: number; readonly key: Uint8Array } | { readonly id: string };

export function emptyReadSet(): ReadSet {
  return { ranges: [], ids: new Set() };
}

/** One consistent view of the data, and, in mutations, the changes made to it. */
export class Transaction {
  readonly store: Store;
  /** Where reads go: the storage itself, or an earlier state of it. */
  readonly reader: Reader;
  readonly writable: boolean;
  /** Nanoseconds since the epoch, strictly rising from commit to commit. */
  readonly ts: bigint;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly reads: ReadSet = emptyReadSet();
  /** What still reads; `settledReads` asks them how far they have come. */
  readonly readers: { settle(): void }[] = [];
  readonly writes: Write[] = [];
  readonly before: Before = new Map();
  /** How often a nested mutation of this transaction was undone. */
  rollbacks = 0;
  readonly meter: Meter;

  constructor(options: {
    store: Store;
    reader?: Reader;
    writable: boolean;
    ts: bigint;
    now: number;
    limits?: LimitOptions | undefined;
    /** Of the transaction that this one is a part of. */
    meter?: Meter;
  }) {
    this.store = options.store;
    this.reader = options.reader ?? options.store;
    this.writable = options.writable;
    this.ts = options.ts;
    this.now = options.now;
    this.meter = options.meter ?? new Meter(options.limits);
  }

  settledReads(): ReadSet {
    for (const reader of this.readers) reader.settle();
    return this.reads;
  }

  /** Notes how a document was before this transaction first changed it. */
  remember(id: string, table: number, stored: StoredDocument | null): void {
    if (!this.before.has(id)) this.before.set(id, stored && { table, stored });
  }

  /** @param bytes the document's size; 0 if nothing was found */
  countRead(bytes: number): void {
    this.meter.charge("documentsRead", 1);
    this.meter.charge("bytesRead", bytes);
  }

  countWrite(bytes: number): void {
    this.meter.charge("documentsWritten", 1);
    this.meter.charge("bytesWritten", bytes);
  }
}
