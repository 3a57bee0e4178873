import { PERSON } from "#domain/event-people.ts";
import { auditActor, type Caller } from "../functions.ts";
import type { MutationCtx } from "../_generated/server";
import { audit } from "./audit.ts";
import type { Applied, Origin } from "./project.ts";
import { auditedChanges } from "./project-audit.ts";
import { pushOf, undoPush } from "./project-undo.ts";
import { refuse } from "./refusal.ts";
import { placeOfSession, projectOf } from "./session-project.ts";
import type { SessionWriter } from "./session-writer.ts";
import { mayUse } from "./sessions.ts";

type Session = SessionWriter["session"];

/** What a change of the project from a session is known by. */
export const fromSession = ({ user, key }: Caller, { _id }: Session): Omit<Origin, "undoes"> => ({
  source: "session",
  authorId: user._id,
  ...(key && { keyId: key._id }),
  sessionId: _id,
});

/** Whether a caller may change the project of a session. @throws forbidden | invalid_request */
export function mayChangeProject(caller: Caller, session: Session, confirm: string | undefined): void {
  mayUse(caller, session.environment);
  if (session.environment === "production" && confirm !== "production")
    throw refuse("project_production_unconfirmed");
}

/** Tells a session's log what was done to the project from it. */
export async function noteInLog(
  writer: SessionWriter,
  caller: Caller,
  { revision, created, updated, deleted }: Applied,
  undoes?: number,
): Promise<void> {
  const counts = { created: created.length, updated: updated.length, deleted: deleted.length };
  if (counts.created + counts.updated + counts.deleted === 0) return;
  const { environment } = writer.session;
  const payload = { environment, revision, ...counts, changed_by: PERSON };
  await writer.append(
    undoes === undefined
      ? { type: "project.pushed", source: "ui.user", payload }
      : { type: "project.taken_back", source: "ui.user", payload: { ...payload, undoes } },
    { personId: caller.user._id },
  );
}

/**
 * Takes pushes from a session back, the last one first, each as the environment's next change: all of them or none.
 * @returns what became of each
 * @throws not_found | project_moved where what one changed has changed since | too_large
 */
export async function takeBackPushes(
  ctx: MutationCtx,
  writer: SessionWriter,
  caller: Caller,
  revisions: readonly number[],
): Promise<Applied[]> {
  const { session } = writer;
  const place = placeOfSession(session);
  const row = await projectOf(ctx, session._id);
  const read = { bytes: 0 };
  const all: Applied[] = [];
  for (const revision of [...new Set(revisions)].toSorted((a, b) => b - a)) {
    if ((await pushOf(ctx, place, revision)).sessionId !== session._id)
      throw refuse("project_push_not_found", { revision });
    const done = await undoPush(ctx, place, revision, fromSession(caller, session), read);
    all.push(done);
    const entry = auditedChanges(place, done);
    if (!entry) continue;
    await noteInLog(writer, caller, done, revision);
    await audit(ctx, {
      organizationId: session.organizationId,
      actor: auditActor(caller),
      ...(caller.from && { from: caller.from }),
      ...entry,
      action: "project.restored",
      after: { ...entry.after, undoes: revision, session: session._id },
    });
  }
  const changed = all.filter((done) => auditedChanges(place, done) !== null);
  const last = changed.at(-1)?.revision;
  // What others have changed in between has not been pulled.
  if (row && last !== undefined && row.base === last - changed.length)
    await ctx.db.patch(row._id, { base: last, atLeast: last });
  return all;
}
