import type { Store } from "../storage/sqlite.ts";
import { PlatformError } from "./errors.ts";

/** The platform's limits of one transaction. */
const MAX_DOCUMENTS_READ = 16_384;
const MAX_BYTES_READ = 16 * 1024 * 1024;
const MAX_DOCUMENTS_WRITTEN = 16_000;
const MAX_BYTES_WRITTEN = 16 * 1024 * 1024;

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
  readonly writable: boolean;
  /** Nanoseconds since the epoch, strictly rising from commit to commit. */
  readonly ts: bigint;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly reads: ReadSet = emptyReadSet();
  readonly writes: Write[] = [];
  /** How often a nested mutation of this transaction was undone. */
  rollbacks = 0;
  private documentsRead = 0;
  private bytesRead = 0;
  private documentsWritten = 0;
  private bytesWritten = 0;

  constructor(options: { store: Store; writable: boolean; ts: bigint; now: number }) {
    this.store = options.store;
    this.writable = options.writable;
    this.ts = options.ts;
    this.now = options.now;
  }

  countRead(bytes: number): void {
    this.documentsRead++;
    this.bytesRead += bytes;
    if (this.documentsRead > MAX_DOCUMENTS_READ) {
      throw new PlatformError(
        `Too many documents read in a single function execution (limit: ${MAX_DOCUMENTS_READ}). Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.`,
      );
    }
    if (this.bytesRead > MAX_BYTES_READ) {
      throw new PlatformError(
        `Too many bytes read in a single function execution (limit: ${MAX_BYTES_READ} bytes). Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.`,
      );
    }
  }

  countWrite(bytes: number): void {
    this.documentsWritten++;
    this.bytesWritten += bytes;
    if (this.documentsWritten > MAX_DOCUMENTS_WRITTEN) {
      throw new PlatformError(
        `Too many documents written in a single function execution (limit: ${MAX_DOCUMENTS_WRITTEN}).`,
      );
    }
    if (this.bytesWritten > MAX_BYTES_WRITTEN) {
      throw new PlatformError(
        `Too many bytes written in a single function execution (limit: ${MAX_BYTES_WRITTEN} bytes).`,
      );
    }
  }
}
