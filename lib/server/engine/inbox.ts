import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import { follow } from "../convex/live.ts";
import type { Lease } from "./lease.ts";

/** What a session's agent must still be told, and whether it still has a run. */
export type Inbox = FunctionReturnType<typeof api.sessionCommands.inbox>;
export type Command = Inbox["queued"][number];

/** How long the commands may take to arrive; then the session is let go, for a server that can read them. */
const FIRST_MS = 30_000;
const AGAIN_MS = 500;

interface Options {
  sessionId: Lease["sessionId"];
  signal: AbortSignal;
  onInbox: (inbox: Inbox) => void;
  followQuery?: typeof follow;
}

/** Follows a session's inbox live, and hands each state of it over. */
export class InboxFeed {
  readonly #options: Options;
  #latest: Inbox | null = null;
  #unfollow: (() => void) | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** @returns true once the first state was handed over, false where none came in time */
  async start(): Promise<boolean> {
    const { sessionId, onInbox, followQuery = follow } = this.#options;
    return await new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), FIRST_MS).unref();
      this.#unfollow = followQuery(api.sessionCommands.inbox, { sessionId }, (inbox) => {
        this.#latest = inbox;
        onInbox(inbox);
        resolve(true);
      });
    });
  }

  /** Hands the latest state over once more, in a moment: something of it was not sent. */
  again(): void {
    const { signal, onInbox } = this.#options;
    setTimeout(() => {
      if (!signal.aborted && this.#latest) onInbox(this.#latest);
    }, AGAIN_MS).unref();
  }

  stop(): void {
    this.#unfollow?.();
  }
}
