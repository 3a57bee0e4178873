import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import type { Session } from "#domain/session.ts";
import { dataFor } from "../convex/client.ts";

interface Change {
  title?: string | undefined;
  budgetCapMicroUsd?: number | null | undefined;
  autoApprove?: boolean | undefined;
  archived?: boolean | undefined;
}

/** Changes a session's title, its cap, or whether its agent asks at all; or archives it. */
export async function updateSession(
  caller: Principal,
  sessionId: string,
  { archived, ...change }: Change,
): Promise<Session> {
  const data = dataFor(caller);
  const changed =
    archived === undefined || Object.keys(change).length > 0
      ? await data.mutation(api.sandboxSessions.update, { sessionId, ...change })
      : undefined;
  if (archived !== undefined) return await data.mutation(api.sessionLists.archive, { sessionId, archived });
  return changed ?? (await data.query(api.sandboxSessions.get, { sessionId }));
}
