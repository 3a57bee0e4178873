import type { Destination } from "./rules.ts";

/** Why a connection was refused: by the sandbox's rules, its address, or the operator; or its name has no address. */
export type RefusalKind = "policy" | "private" | "operator" | "unresolved";

/** A destination that a sandbox was refused. */
export interface Refused extends Destination {
  /** Counts the host's refusals. */
  seq: number;
  sandboxId: string;
  kind: RefusalKind;
  /** Epoch milliseconds. */
  at: number;
}

/** Destinations of one sandbox that are told of, each once. */
const MAX_EACH = 100;
const MAX_KEPT = 1_000;

/**
 * What sandboxes were refused, for their callers. Bounded whatever a sandbox tries: each destination is told of once, of
 * each sandbox a hundred, and of all the last thousand.
 */
export class Refusals {
  private readonly seen = new Map<string, Set<string>>();
  private kept: Refused[] = [];
  /** Begins at the moment, so that a caller of an earlier host misses nothing of this one. */
  private seq = Date.now();

  /** Notes a refusal. @returns true where it is the first of its destination, and is told of */
  add(sandboxId: string, { host, port }: Destination, kind: RefusalKind): boolean {
    const seen = this.seen.get(sandboxId) ?? new Set();
    const key = `${host}:${port} ${kind}`;
    if (seen.has(key) || seen.size >= MAX_EACH) return false;
    this.seen.set(sandboxId, seen.add(key));
    this.kept.push({ seq: ++this.seq, sandboxId, host, port, kind, at: Date.now() });
    if (this.kept.length > MAX_KEPT) this.kept = this.kept.slice(-MAX_KEPT);
    return true;
  }

  /** Those after `seq`, oldest first, at most `limit`. */
  after(seq: number, limit: number): Refused[] {
    const first = this.kept.findIndex((refused) => refused.seq > seq);
    return first === -1 ? [] : this.kept.slice(first, first + limit);
  }

  /** Forgets what a sandbox was refused: it is gone, or its rules have changed, so that a refusal is news again. */
  forget(sandboxId: string): void {
    this.seen.delete(sandboxId);
  }
}
