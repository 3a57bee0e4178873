import { isLive } from "#domain/lifecycle.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { type Caller, refuse } from "../functions.ts";
import { repositoriesOf } from "./git.ts";
import { mayDrive, sessionOf } from "./sessions.ts";

/**
 * A session that the caller drives, and one of its repositories.
 * @throws not_found | forbidden | session_stopped
 */
export async function drivenRepository(
  ctx: QueryCtx | MutationCtx,
  caller: Caller,
  { sessionId, folder }: { sessionId: string; folder: string },
): Promise<{ session: Doc<"sandboxSessions">; row: Doc<"sessionRepositories"> }> {
  const session = await sessionOf(ctx, caller, sessionId);
  mayDrive(caller, session);
  if (!isLive(session.status)) throw refuse("session_ended");
  const row = (await repositoriesOf(ctx, session._id)).find((one) => one.folder === folder);
  if (!row) throw refuse("git_none");
  return { session, row };
}
