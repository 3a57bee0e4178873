import { api } from "#convex/_generated/api.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { extendSandbox } from "../sandbox/sandbox.ts";

/** Restarts the idle clock, the session's and its sandbox's. */
export async function keepAlive(caller: Principal, sessionId: string): Promise<void> {
  const { sandboxId, idleTimeoutMs } = await dataFor(caller).mutation(api.sandboxSessions.keepalive, {
    sessionId,
  });
  if (sandboxId !== null) await extendSandbox(sandboxId, idleTimeoutMs + DEADLINES.sandboxGraceMs);
}
