import { compareKeys } from "../storage/keys.ts";
import type { Failure } from "./errors.ts";
import { RangeIndex, type RangeNode } from "./range-index.ts";
import type { ReadSet, Write } from "./transaction.ts";

/** The result of one query with one set of arguments, shared by all who ask for it. */
export interface CachedQuery {
  readonly key: string;
  readonly result: { ok: true; value: string } | { ok: false; failure: Failure };
  readonly journal: string | null;
  readonly logLines: readonly string[];
  readonly reads: ReadSet;
  /** When it was run, if it looked at the clock: such a result ages. */
  readonly aging: number | null;
  /** Called once, when something that it read was written. */
  readonly watchers: Set<() => void>;
  valid: boolean;
}

const MAX_ENTRIES = 5_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Query results by key, dropped as soon as a commit touches what they read. */
export class QueryCache {
  private readonly entries = new Map<string, CachedQuery>();
  private readonly byRange = new Map<number, RangeIndex<CachedQuery>>();
  private readonly placed = new Map<
    CachedQuery,
    { ranges: RangeIndex<CachedQuery>; node: RangeNode<CachedQuery> }[]
  >();
  private readonly byId = new Map<string, Set<CachedQuery>>();
  private bytes = 0;

  get(key: string): CachedQuery | undefined {
    return this.entries.get(key);
  }

  add(entry: CachedQuery): void {
    const replaced = this.entries.get(entry.key);
    if (replaced && replaced.watchers.size === 0) this.forget(replaced);
    this.entries.set(entry.key, entry);
    this.bytes += sizeOf(entry);
    const placed = [];
    for (const { index, lo, hi } of entry.reads.ranges) {
      if (compareKeys(lo, hi) >= 0) continue;
      let ranges = this.byRange.get(index);
      if (!ranges) this.byRange.set(index, (ranges = new RangeIndex()));
      placed.push({ ranges, node: ranges.add(lo, hi, entry) });
    }
    this.placed.set(entry, placed);
    for (const id of entry.reads.ids) {
      const queries = this.byId.get(id);
      if (queries) queries.add(entry);
      else this.byId.set(id, new Set([entry]));
    }
    if (this.entries.size > MAX_ENTRIES || this.bytes > MAX_BYTES) this.evict();
  }

  /** Drops every result that these writes touch, and tells its watchers. */
  invalidate(writes: readonly Write[]): void {
    const touched = new Set<CachedQuery>();
    for (const write of writes) {
      if ("id" in write) {
        for (const entry of this.byId.get(write.id) ?? []) touched.add(entry);
        continue;
      }
      this.byRange.get(write.index)?.containing(write.key, (entry) => touched.add(entry));
    }
    for (const entry of touched) {
      this.forget(entry);
      const watchers = [...entry.watchers];
      entry.watchers.clear();
      for (const watcher of watchers) watcher();
    }
  }

  private forget(entry: CachedQuery): void {
    if (!entry.valid) return;
    entry.valid = false;
    this.bytes -= sizeOf(entry);
    if (this.entries.get(entry.key) === entry) this.entries.delete(entry.key);
    for (const { ranges, node } of this.placed.get(entry) ?? []) ranges.remove(node);
    this.placed.delete(entry);
    for (const id of entry.reads.ids) {
      const queries = this.byId.get(id);
      queries?.delete(entry);
      if (queries?.size === 0) this.byId.delete(id);
    }
  }

  /** Drops results that nobody watches, the oldest first. */
  private evict(): void {
    for (const entry of this.entries.values()) {
      if (this.entries.size <= MAX_ENTRIES * 0.8 && this.bytes <= MAX_BYTES * 0.8) return;
      if (entry.watchers.size === 0) this.forget(entry);
    }
  }
}

function sizeOf(entry: CachedQuery): number {
  return entry.key.length + (entry.result.ok ? entry.result.value.length : 0) + 256;
}
