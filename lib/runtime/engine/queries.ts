import type { Identity, Source } from "./call.ts";
import type { Clock } from "./clock.ts";
import type { LoggedOutcome } from "./actions.ts";
import { toFailure } from "./errors.ts";
import type { FunctionRegistry, ResolvedFunction } from "./functions.ts";
import type { LimitOptions } from "./limits.ts";
import type { CachedQuery, QueryCache } from "./query-cache.ts";
import type { Runner } from "./runner.ts";
import { isSystemFunction } from "./system.ts";
import { emptyReadSet, Transaction } from "./transaction.ts";
import type { Store } from "../storage/sqlite.ts";

export interface QueryRequest {
  path: string;
  /** One JSON object of Convex JSON. */
  args: string;
  identity: Identity | null;
  source?: Source | undefined;
  requestId?: string;
  /** Whether internal functions may be called, too. */
  internal: boolean;
  /** Where an earlier run of this query ended its page. */
  journal?: string | null;
}
export interface QueryParts {
  store: Store;
  cache: QueryCache;
  functions: FunctionRegistry;
  runner: Runner;
  clock: Clock;
  ts: () => bigint;
  limits?: LimitOptions | undefined;
}

/** How long a result that looked at the clock may be given to another caller, in milliseconds. */
const MAX_AGE_MS = 1_000;

/** What the platform's own queries tell of the machine must be so: the command asks right after it changed it. */
function isFresh(agingMs: number, nowMs: number, path: string): boolean {
  return nowMs - agingMs < MAX_AGE_MS && !isSystemFunction(path);
}

/** Runs queries on committed data. To be called by a job of the executor only. */
export class Queries {
  private readonly parts: QueryParts;

  constructor(parts: QueryParts) {
    this.parts = parts;
  }

  /** The result, from the cache if nothing that it read has changed. Never rejects. */
  async run(request: QueryRequest): Promise<CachedQuery> {
    const { cache, clock, functions } = this.parts;
    const anyone = [request.internal ? "i" : "p", request.path, request.args, request.journal ?? ""].join(
      "\0",
    );
    const personal = `${anyone}\0${request.identity ? JSON.stringify(request.identity) : ""}`;
    const known = cache.get(anyone) ?? cache.get(personal);
    const now = clock.now();
    if (known && (known.aging === null || isFresh(known.aging, now, request.path))) return known;
    let entry: CachedQuery;
    try {
      const target = functions.resolve(request.path, ["query"], request.internal);
      const { call, reads, result } = await this.execute(target, request, now);
      entry = {
        key: call.usedIdentity ? personal : anyone,
        result,
        journal: call.nextJournal,
        logLines: call.logLines,
        reads,
        // A failure may have been the moment's (a time limit, the storage), so it ages, too.
        aging: call.usedTime || !result.ok ? now : null,
        watchers: new Set(),
        valid: true,
        ticket: null,
      };
    } catch (error) {
      entry = {
        key: anyone,
        result: { ok: false, failure: toFailure(error) },
        journal: null,
        logLines: [],
        reads: emptyReadSet(),
        aging: null,
        watchers: new Set(),
        valid: true,
        ticket: null,
      };
    }
    cache.add(entry);
    return entry;
  }

  /** Calls back once, when something that a result read was written. */
  watch(entry: CachedQuery, watcher: () => void): void {
    this.parts.cache.watch(entry, watcher);
  }

  unwatch(entry: CachedQuery, watcher: () => void): void {
    this.parts.cache.unwatch(entry, watcher);
  }

  /** Runs a query and keeps nothing of it. */
  async uncached(target: ResolvedFunction, request: QueryRequest): Promise<LoggedOutcome> {
    const { call, result } = await this.execute(target, request, this.parts.clock.now());
    return { ...result, logLines: call.logLines };
  }

  private async execute(target: ResolvedFunction, request: QueryRequest, now: number) {
    const { limits, runner, store, ts } = this.parts;
    const transaction = new Transaction({ store, writable: false, ts: ts(), now, limits });
    const call = runner.newCall({
      kind: "query",
      path: target.path,
      component: target.component,
      identity: request.identity,
      transaction,
      source: request.source,
      journal: request.journal ?? null,
      ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
    });
    const result = await runner.run(call, target, request.args);
    return { call, reads: transaction.settledReads(), result };
  }
}
