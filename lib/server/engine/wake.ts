import type { Id } from "../../../convex/_generated/dataModel.js";
import { engine } from "./engine.ts";

/** The way to the engine for what people do: the rows are written, and somebody is to act on them now. */

/** A session has something to do. */
export function wakeSession(sessionId: Id<"sandboxSessions">): void {
  engine().wake(sessionId);
}

/** A session was created, and needs its sandbox and its agent. */
export function startProvisioning(sessionId: Id<"sandboxSessions">): void {
  engine().provision(sessionId);
}
