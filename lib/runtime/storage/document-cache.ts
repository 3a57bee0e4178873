import { Queue } from "./queue.ts";

/** A document as Convex JSON text. */
export interface StoredText {
  readonly body: string;
  /** As `getDocumentSize` counts; null for rows written before sizes were kept. */
  readonly size: number | null;
}

const MAX_BYTES = 16 * 1024 * 1024;
/** A larger one is not kept: it would take the place of hundreds. */
const MAX_DOCUMENT_BYTES = 64 * 1024;
/** What a document costs beside its text, roughly. */
const OVERHEAD_BYTES = 200;
const MAX_DOUBT = 6;
/** So many forgotten ones may stand in the queue beside as many as are known. */
const SLACK = 1_000;

const weightOf = ({ body }: StoredText): number => body.length + OVERHEAD_BYTES;

/**
 * Committed documents by their row, the oldest dropped first. To SQLite a document of a range is a search of its own;
 * where all of them are here, the range's index is all that must be read.
 */
export class DocumentCache {
  private readonly known = new Map<number, StoredText>();
  /** The oldest first; what was forgotten since is passed over. */
  private readonly kept = new Queue<{ rowid: number; text: StoredText }>();
  private bytes = 0;
  /** Each range in vain makes the next question rarer: 1 of 2, of 4, … of 64. */
  private doubt = 0;
  private passes = 0;

  /** Whether ranges have been found whole lately, as far as that is known. */
  worthAsking(): boolean {
    if (this.passes === 0) return true;
    this.passes--;
    return false;
  }

  /** All of these rows, or null where one is missing. */
  all(rows: readonly [number][]): StoredText[] | null {
    const found: StoredText[] = [];
    for (const [rowid] of rows) {
      const text = this.known.get(rowid);
      if (!text) {
        this.doubt = Math.min(this.doubt + 1, MAX_DOUBT);
        this.passes = 2 ** this.doubt - 1;
        return null;
      }
      found.push(text);
    }
    this.doubt = 0;
    return found;
  }

  keep(rowid: number, text: StoredText): void {
    if (this.known.has(rowid) || text.body.length > MAX_DOCUMENT_BYTES) return;
    this.known.set(rowid, text);
    this.kept.push({ rowid, text });
    this.bytes += weightOf(text);
    while (this.bytes > MAX_BYTES || this.kept.length > 2 * this.known.size + SLACK) {
      const oldest = this.kept.shift();
      if (!oldest) return;
      if (this.known.get(oldest.rowid) === oldest.text) this.forget(oldest.rowid);
    }
  }

  forget(rowid: number): void {
    const text = this.known.get(rowid);
    if (!text) return;
    this.known.delete(rowid);
    this.bytes -= weightOf(text);
  }
}
