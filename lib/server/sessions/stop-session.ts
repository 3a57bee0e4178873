import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { endSandbox } from "../sandbox/end.ts";

/** Stops a session and ends its sandbox; where the sandbox service does not answer now, the sweep ends it. Idempotent. */
export async function stopSession(caller: Principal, sessionId: string): Promise<void> {
  const data = dataFor(caller);
  await data.mutation(api.sandboxSessions.stop, { sessionId });
  const session = await data.query(api.sandboxSessions.get, { sessionId });
  if (session.sandboxId === null) return;
  await endSandbox(session.id as Id<"sandboxSessions">, session.sandboxId).catch((error: unknown) =>
    log("warn", "a sandbox could not be ended yet", { sessionId, error: messageOf(error) }),
  );
}
