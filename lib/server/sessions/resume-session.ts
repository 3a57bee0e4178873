import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { Session } from "#domain/session.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { startProvisioning } from "../engine/wake.ts";

/**
 * Has a session that has ended go on from what was saved, in another sandbox, in the background. Of a live one nothing
 * changes.
 * @throws HttpError session_stopped | session_limit | forbidden
 */
export async function resumeSession(caller: Principal, sessionId: string): Promise<Session> {
  const session = await dataFor(caller).mutation(api.sessionResume.start, { sessionId });
  if (session.status === "provisioning") startProvisioning(session.id as Id<"sandboxSessions">);
  return session;
}
