import { compareKeys } from "../storage/keys.ts";
import { Queue } from "../storage/queue.ts";
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
  /** Called once, when something that it read was written; changed by `watch` and `unwatch` alone. */
  readonly watchers: Set<() => void>;
  valid: boolean;
  /** Its place among those that nobody watches. */
  ticket: number | null;
}

/** Of results that nobody watches; watched ones are needed for as long as they are watched. */
const MAX_IDLE = 5_000;
const MAX_IDLE_BYTES = 64 * 1024 * 1024;

/** Query results by key, dropped as soon as a commit touches what they read. */
export class QueryCache {
  private readonly entries = new Map<string, CachedQuery>();
  /** Results since the last commit. What they read is put in order when there is something to look up. */
  private readonly fresh = new Set<CachedQuery>();
  private readonly byRange = new Map<number, RangeIndex<CachedQuery>>();
  private readonly placed = new Map<
    CachedQuery,
    { ranges: RangeIndex<CachedQuery>; node: RangeNode<CachedQuery> }[]
  >();
  private readonly byId = new Map<string, Set<CachedQuery>>();
  /** What nobody watches, the oldest first; what is watched or gone since is passed over. */
  private readonly resting = new Queue<{ entry: CachedQuery; ticket: number }>();
  private tickets = 0;
  private idle = 0;
  private idleBytes = 0;

  get(key: string): CachedQuery | undefined {
    return this.entries.get(key);
  }

  add(entry: CachedQuery): void {
    const replaced = this.entries.get(entry.key);
    if (replaced && replaced.watchers.size === 0) this.forget(replaced);
    this.entries.set(entry.key, entry);
    this.fresh.add(entry);
    this.rest(entry);
  }

  private place(entry: CachedQuery): void {
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
  }

  /** Calls back once, when something that the result read was written. */
  watch(entry: CachedQuery, watcher: () => void): void {
    entry.watchers.add(watcher);
    this.wake(entry);
  }

  unwatch(entry: CachedQuery, watcher: () => void): void {
    if (entry.watchers.delete(watcher) && entry.watchers.size === 0 && entry.valid) this.rest(entry);
  }

  /** Drops every result that these writes touch, and tells its watchers. */
  invalidate(writes: readonly Write[]): void {
    for (const entry of this.fresh) this.place(entry);
    this.fresh.clear();
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
    this.wake(entry);
    if (this.entries.get(entry.key) === entry) this.entries.delete(entry.key);
    if (this.fresh.delete(entry)) return;
    for (const { ranges, node } of this.placed.get(entry) ?? []) ranges.remove(node);
    this.placed.delete(entry);
    for (const id of entry.reads.ids) {
      const queries = this.byId.get(id);
      queries?.delete(entry);
      if (queries?.size === 0) this.byId.delete(id);
    }
  }

  /** Keeps a result that nobody watches, in place of older ones. */
  private rest(entry: CachedQuery): void {
    entry.ticket = ++this.tickets;
    this.resting.push({ entry, ticket: entry.ticket });
    this.idle++;
    this.idleBytes += sizeOf(entry);
    // The newest is about to be used, or watched.
    while (
      (this.idle > MAX_IDLE || this.idleBytes > MAX_IDLE_BYTES || this.resting.length > 2 * MAX_IDLE) &&
      this.resting.length > 1
    ) {
      const oldest = this.resting.shift();
      if (oldest && oldest.entry.ticket === oldest.ticket) this.forget(oldest.entry);
    }
  }

  private wake(entry: CachedQuery): void {
    if (entry.ticket === null) return;
    entry.ticket = null;
    this.idle--;
    this.idleBytes -= sizeOf(entry);
  }
}

function sizeOf(entry: CachedQuery): number {
  return entry.key.length + (entry.result.ok ? entry.result.value.length : 0) + 256;
}
