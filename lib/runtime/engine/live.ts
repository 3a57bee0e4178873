import type { Identity } from "./call.ts";
import type { Failure } from "./errors.ts";
import type { Queries } from "./queries.ts";
import type { CachedQuery } from "./query-cache.ts";

/** How far a client has been brought: its query set, who it is, and the time of what it sees. */
export interface Version {
  querySet: number;
  identity: number;
  /** Nanoseconds. */
  ts: bigint;
}
export type Modification =
  | {
      type: "updated";
      queryId: number;
      /** Convex JSON text. */
      value: string;
      logLines: readonly string[];
      journal: string | null;
    }
  | { type: "failed"; queryId: number; failure: Failure; journal: string | null }
  | { type: "removed"; queryId: number };
export interface Transition {
  start: Version;
  end: Version;
  modifications: Modification[];
}
export interface AddedQuery {
  queryId: number;
  path: string;
  args: string;
  journal: string | null;
}

interface Subscription {
  readonly query: AddedQuery;
  journal: string | null;
  entry: CachedQuery | null;
  /** What was last sent, so that an equal result is not sent again. */
  sent: string | null;
  stale: boolean;
  readonly onStale: () => void;
}

/** One connected client's queries. */
export interface LiveClient {
  /** All queries run again as this identity. */
  setIdentity(identity: Identity | null, internal: boolean, version: number): void;
  modify(version: number, added: readonly AddedQuery[], removed: readonly number[]): void;
  /** Makes sure that a transition follows, even an empty one. */
  touch(): void;
  close(): void;
}
/** Where an earlier engine's client of this kind has got to. */
export interface Progress {
  sent: Version;
  /** Queries whose removal was not confirmed yet. */
  removed: readonly number[];
}

class LocalLiveClient implements LiveClient {
  private readonly live: LiveQueries;
  private readonly deliver: (transition: Transition) => void;
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly removed: number[] = [];
  private sent: Version = { querySet: 0, identity: 0, ts: 0n };
  private identity: Identity | null = null;
  private internal = false;
  private wantedQuerySet = 0;
  private wantedIdentity = 0;
  private owesTransition = false;
  private closed = false;

  constructor(live: LiveQueries, deliver: (transition: Transition) => void, progress?: Progress) {
    this.live = live;
    this.deliver = deliver;
    if (!progress) return;
    this.sent = progress.sent;
    this.wantedQuerySet = progress.sent.querySet;
    this.wantedIdentity = progress.sent.identity;
    this.removed.push(...progress.removed);
  }

  setIdentity(identity: Identity | null, internal: boolean, version: number): void {
    this.identity = identity;
    this.internal = internal;
    this.wantedIdentity = version;
    for (const subscription of this.subscriptions.values()) subscription.stale = true;
    this.touch();
  }

  modify(version: number, added: readonly AddedQuery[], removed: readonly number[]): void {
    this.wantedQuerySet = version;
    for (const queryId of removed) {
      const subscription = this.subscriptions.get(queryId);
      if (!subscription) continue;
      this.live.unwatch(subscription);
      this.subscriptions.delete(queryId);
      this.removed.push(queryId);
    }
    for (const query of added) {
      const subscription: Subscription = {
        query,
        journal: query.journal,
        entry: null,
        sent: null,
        stale: true,
        onStale: () => {
          subscription.stale = true;
          this.live.schedule(this);
        },
      };
      this.subscriptions.set(query.queryId, subscription);
    }
    this.touch();
  }

  touch(): void {
    if (this.closed) return;
    this.owesTransition = true;
    this.live.schedule(this);
  }

  close(): void {
    this.closed = true;
    for (const subscription of this.subscriptions.values()) this.live.unwatch(subscription);
    this.subscriptions.clear();
    this.live.forget(this);
  }

  /** Runs what is stale and sends what changed; called by a job of the executor. */
  async refresh(queries: Queries, ts: bigint): Promise<void> {
    const modifications: Modification[] = this.removed
      .splice(0)
      .map((queryId) => ({ type: "removed", queryId }));
    const { wantedIdentity, wantedQuerySet, identity, internal } = this;
    for (const subscription of Array.from(this.subscriptions.values())) {
      if (!subscription.stale) continue;
      subscription.stale = false;
      this.live.unwatch(subscription);
      const { query } = subscription;
      const entry = await queries.run({
        path: query.path,
        args: query.args,
        identity,
        internal,
        journal: subscription.journal,
      });
      // Removed while the query ran.
      if (this.closed) return;
      if (this.subscriptions.get(query.queryId) !== subscription) continue;
      subscription.entry = entry;
      if (entry.valid) queries.watch(entry, subscription.onStale);
      subscription.journal = entry.journal ?? subscription.journal;
      const modification = toModification(query.queryId, entry, subscription.journal);
      const signature = signatureOf(entry);
      if (signature === subscription.sent) continue;
      subscription.sent = signature;
      modifications.push(modification);
    }
    if (modifications.length === 0 && !this.owesTransition) return;
    const end = { querySet: wantedQuerySet, identity: wantedIdentity, ts };
    // A modification that arrived meanwhile is answered by the next transition.
    this.owesTransition = wantedQuerySet !== this.wantedQuerySet || wantedIdentity !== this.wantedIdentity;
    const start = this.sent;
    this.sent = end;
    this.deliver({ start, end, modifications });
  }
}

/** All connected clients. Those with something to learn are refreshed together, at one timestamp. */
export class LiveQueries {
  private readonly queries: Queries;
  private readonly ts: () => bigint;
  private readonly wantRefresh: () => void;
  private readonly waiting = new Set<LocalLiveClient>();

  constructor(queries: Queries, ts: () => bigint, wantRefresh: () => void) {
    this.queries = queries;
    this.ts = ts;
    this.wantRefresh = wantRefresh;
  }

  open(deliver: (transition: Transition) => void, progress?: Progress): LiveClient {
    return new LocalLiveClient(this, deliver, progress);
  }

  schedule(client: LocalLiveClient): void {
    this.waiting.add(client);
    this.wantRefresh();
  }

  unwatch({ entry, onStale }: Subscription): void {
    if (entry) this.queries.unwatch(entry, onStale);
  }

  forget(client: LocalLiveClient): void {
    this.waiting.delete(client);
  }

  async refresh(): Promise<void> {
    const clients = [...this.waiting];
    this.waiting.clear();
    for (const client of clients) await client.refresh(this.queries, this.ts());
  }
}

function toModification(queryId: number, entry: CachedQuery, journal: string | null): Modification {
  const { logLines, result } = entry;
  return result.ok
    ? { type: "updated", queryId, value: result.value, logLines, journal }
    : { type: "failed", queryId, failure: result.failure, journal };
}

function signatureOf(entry: CachedQuery): string {
  if (entry.result.ok) return `+${entry.result.value}`;
  const { message, data } = entry.result.failure;
  return `-${JSON.stringify([message, data ?? null])}`;
}
