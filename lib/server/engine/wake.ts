import type { Id } from "#convex/_generated/dataModel.js";
import { env } from "../env.ts";
import { type Engine, engine } from "./engine.ts";

/**
 * What people do reaches the engine here, once the rows are written. Where workers carry the sessions there is none in
 * this process, and nothing to say: they follow the rows.
 */
function tell(act: (here: Engine) => void): void {
  if (env().STUDIO_ENGINE === "inside") act(engine());
}

/** A session has something to do. */
export function wakeSession(sessionId: Id<"sandboxSessions">): void {
  tell((here) => here.wake(sessionId));
}

/** An organization has changed its network policy. */
export function networkChanged(): void {
  tell((here) => here.networkChanged());
}

/** A snapshot is to be built, or to be removed. */
export function setupChanged(): void {
  tell((here) => here.setupChanged());
}

/** A pull request is to become green, or its host says that something has changed. */
export function greenChanged(): void {
  tell((here) => here.greenChanged());
}

/** A session was created, and needs its sandbox and its agent. */
export function startProvisioning(sessionId: Id<"sandboxSessions">): void {
  tell((here) => here.provision(sessionId));
}
