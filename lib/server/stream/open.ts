import { api } from "../../../convex/_generated/api.js";
import type { Id } from "../../../convex/_generated/dataModel.js";
import { isLive } from "../../domain/lifecycle.ts";
import type { Principal } from "../../domain/principal.ts";
import { principalOf } from "../auth/principal.ts";
import { dataFor } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import { sessionStream } from "./session-stream.ts";

/** Where a listener wants to go on: `?after=`, else `Last-Event-ID`, else from the beginning. */
function afterOf(request: Request): number {
  const given = new URL(request.url).searchParams.get("after") ?? request.headers.get("last-event-id") ?? "0";
  const after = Number(given);
  if (!Number.isSafeInteger(after) || after < 0)
    throw new HttpError("invalid_request", `after: “${given.slice(0, 40)}” is no sequence number.`);
  return after;
}

/**
 * Opens a session's stream for a caller who may read it; asked again at each heartbeat.
 * @throws HttpError not_found | invalid_request
 */
export async function openStream(caller: Principal, sessionId: string, request: Request): Promise<Response> {
  const after = afterOf(request);
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  return sessionStream({
    sessionId: session.id as Id<"sandboxSessions">,
    after,
    ended: !isLive(session.status),
    signal: request.signal,
    stillAllowed: async () => {
      try {
        await dataFor(await principalOf(request)).query(api.sandboxSessions.get, { sessionId });
        return true;
      } catch (error) {
        // A database out of reach says nothing about rights; a refusal does.
        return !(error instanceof HttpError || (error as { data?: unknown }).data !== undefined);
      }
    },
  });
}
