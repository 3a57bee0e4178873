import type { Identity } from "../engine/call.ts";
import type { AddedQuery, LiveClient, Progress, Transition, Version } from "../engine/live.ts";

/** How a mirror talks to the worker of the moment. */
export interface LivePort {
  tell(method: string, ...args: unknown[]): void;
}

/** A connected client's queries, remembered so that another worker can go on with them. */
export class LiveMirror implements LiveClient {
  private readonly id: number;
  private readonly port: LivePort;
  private readonly onDeliver: (transition: Transition) => void;
  private readonly onClose: () => void;
  private readonly queries = new Map<number, AddedQuery>();
  private readonly removed = new Set<number>();
  private sent: Version = { querySet: 0, identity: 0, ts: 0n };
  private querySet = 0;
  private identity: [Identity | null, boolean, number] | null = null;

  constructor(options: {
    id: number;
    port: LivePort;
    deliver: (transition: Transition) => void;
    onClose: () => void;
  }) {
    this.id = options.id;
    this.port = options.port;
    this.onDeliver = options.deliver;
    this.onClose = options.onClose;
  }

  setIdentity(identity: Identity | null, internal: boolean, version: number): void {
    this.identity = [identity, internal, version];
    this.port.tell("setIdentity", this.id, identity, internal, version);
  }

  modify(version: number, added: readonly AddedQuery[], removed: readonly number[]): void {
    this.querySet = version;
    for (const queryId of removed) if (this.queries.delete(queryId)) this.removed.add(queryId);
    for (const query of added) this.queries.set(query.queryId, query);
    this.port.tell("modify", this.id, version, added, removed);
  }

  touch(): void {
    this.port.tell("touch", this.id);
  }

  close(): void {
    this.port.tell("closeLive", this.id);
    this.onClose();
  }

  deliver(transition: Transition): void {
    this.sent = transition.end;
    for (const modification of transition.modifications) {
      if (modification.type === "removed") {
        this.removed.delete(modification.queryId);
        continue;
      }
      const query = this.queries.get(modification.queryId);
      if (query) this.queries.set(query.queryId, { ...query, journal: modification.journal });
    }
    this.onDeliver(transition);
  }

  /** Opens this client in a worker that does not know it yet. */
  attach(): void {
    const fresh = this.sent.ts === 0n;
    const progress: Progress = { sent: this.sent, removed: [...this.removed] };
    this.port.tell("openLive", this.id, fresh ? undefined : progress);
    if (this.identity) this.port.tell("setIdentity", this.id, ...this.identity);
    if (this.querySet > 0) this.port.tell("modify", this.id, this.querySet, [...this.queries.values()], []);
    // What the client waits for may have been lost with the worker.
    if (!fresh) this.touch();
  }
}
