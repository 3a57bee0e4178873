import type { Id } from "#convex/_generated/dataModel.js";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";
import { forgetLook, lookAtProject } from "./look.ts";

type SessionId = Id<"sandboxSessions">;

/** How many workspaces one process looks at at a time. */
const AT_ONCE = 2;

/** Looks at workspaces in the background, at each session's once at a time; a request in the meantime has it looked at again. */
export class ProjectWatch {
  readonly #look: typeof lookAtProject;
  readonly #working = new Map<SessionId, { again: boolean; done: Promise<void> }>();
  readonly #waiting = new Set<SessionId>();

  constructor(look: typeof lookAtProject = lookAtProject) {
    this.#look = look;
  }

  /** Has a session's workspace looked at, though none of its files may have changed. */
  start(sessionId: SessionId): void {
    forgetLook(sessionId);
    this.afterTurn(sessionId);
  }

  /** The same where its files have changed. */
  afterTurn(sessionId: SessionId): void {
    const working = this.#working.get(sessionId);
    if (working) working.again = true;
    else if (this.#working.size >= AT_ONCE) this.#waiting.add(sessionId);
    else this.#begin(sessionId);
  }

  /** The same, to wait for: resolves once a look that began after the call has ended. Throws nothing. */
  async looked(sessionId: SessionId): Promise<void> {
    this.start(sessionId);
    while (this.#waiting.has(sessionId)) await this.#next();
    await this.#working.get(sessionId)?.done;
  }

  async #next(): Promise<void> {
    await Promise.race([...this.#working.values()].map(async ({ done }) => await done));
  }

  #begin(sessionId: SessionId): void {
    const entry = { again: false, done: Promise.resolve() };
    this.#working.set(sessionId, entry);
    entry.done = this.#work(sessionId, entry).finally(() => {
      this.#working.delete(sessionId);
      const [next] = this.#waiting;
      if (next === undefined) return;
      this.#waiting.delete(next);
      this.#begin(next);
    });
  }

  async #work(sessionId: SessionId, entry: { again: boolean }): Promise<void> {
    do {
      entry.again = false;
      await this.#look(sessionId).catch((error: unknown) =>
        log("warn", "a workspace could not be compared with its project", {
          sessionId,
          error: messageOf(error),
        }),
      );
    } while (entry.again);
  }

  /** Resolves once nothing is looked at here. */
  async ended(): Promise<void> {
    this.#waiting.clear();
    await Promise.allSettled([...this.#working.values()].map(async ({ done }) => await done));
  }
}

/** This process's watch. */
export const projectWatch = (): ProjectWatch => singleton("project-watch", () => new ProjectWatch());
