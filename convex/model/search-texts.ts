import { RUN_STATUSES } from "#domain/lifecycle.ts";
import { maskSecrets } from "#domain/mask.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";

/** Characters of one part: small, since a search reads whole parts. */
const MAX_PART_CHARS = 4_000;
/** Parts of one session; the oldest go. Archiving a session writes them all. */
const MAX_PARTS = 32;
/** Bytes of runs that are read to make the texts of a session that has none. */
const MAX_BYTES = 2 * 1024 * 1024;

type Session = Doc<"sandboxSessions">;

async function partsOf(ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<Doc<"searchTexts">[]> {
  return await ctx.db
    .query("searchTexts")
    .withIndex("by_session_part", (q) => q.eq("sessionId", sessionId))
    .take(MAX_PARTS + 2);
}

async function partOf(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  part: number,
): Promise<Doc<"searchTexts"> | null> {
  return await ctx.db
    .query("searchTexts")
    .withIndex("by_session_part", (q) => q.eq("sessionId", sessionId).eq("part", part))
    .unique();
}

async function insert(ctx: MutationCtx, session: Session, part: number, text: string): Promise<void> {
  const { _id: sessionId, organizationId, userId, environment } = session;
  const archived = session.archivedAt !== undefined;
  await ctx.db.insert("searchTexts", {
    organizationId,
    sessionId,
    userId,
    environment,
    archived,
    part,
    text,
  });
}

/** What is kept of a text: its beginning, without secrets. */
const kept = (text: string): string =>
  // A secret that the cut goes through would not be known as one.
  maskSecrets(text.slice(0, 2 * MAX_PART_CHARS))
    .slice(0, MAX_PART_CHARS)
    // Half of a pair of surrogates is no character.
    .replace(/[\uD800-\uDBFF]$/, "");

/** Has a session found by its title: when it is made, and when it is renamed. */
export async function indexTitle(ctx: MutationCtx, session: Session): Promise<void> {
  const known = await partOf(ctx, session._id, 0);
  if (known) await ctx.db.patch(known._id, { text: session.title });
  // One from before texts were kept gets all of them.
  else await indexAll(ctx, session);
}

/** Has a session found by what was asked or answered in it. One that has no texts yet gets all of them later. */
export async function indexText(ctx: MutationCtx, session: Session, text: string): Promise<void> {
  const last = await ctx.db
    .query("searchTexts")
    .withIndex("by_session_part", (q) => q.eq("sessionId", session._id))
    .order("desc")
    .first();
  const more = kept(text);
  if (!last || more.trim() === "") return;
  if (last.part > 0 && last.text.length + more.length < MAX_PART_CHARS) {
    await ctx.db.patch(last._id, { text: `${last.text}\n${more}` });
    return;
  }
  await insert(ctx, session, last.part + 1, more);
  const outdated = last.part + 1 - MAX_PARTS;
  const oldest = outdated > 0 ? await partOf(ctx, session._id, outdated) : null;
  if (oldest) await ctx.db.delete(oldest._id);
}

/** Moves a session's texts into the archive, or back. */
export async function indexArchived(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  archived: boolean,
): Promise<void> {
  for (const row of await partsOf(ctx, sessionId))
    if (row.archived !== archived) await ctx.db.patch(row._id, { archived });
}

/** Makes the texts of a session from before they were kept. Idempotent. */
export async function indexAll(ctx: MutationCtx, session: Session): Promise<void> {
  if (await partOf(ctx, session._id, 0)) return;
  await insert(ctx, session, 0, session.title);
  const runs: Doc<"runs">[] = [];
  for (const status of RUN_STATUSES)
    runs.push(
      ...(await takeUpTo(
        ctx.db
          .query("runs")
          .withIndex("by_session_status", (q) => q.eq("sessionId", session._id).eq("status", status))
          .order("desc"),
        { rows: 2 * MAX_PARTS, bytes: MAX_BYTES / RUN_STATUSES.length },
      )),
    );
  // The newest are kept, in their order.
  for (const run of runs.toSorted((a, b) => a._creationTime - b._creationTime).slice(-2 * MAX_PARTS)) {
    await indexText(ctx, session, run.input);
    if (run.output !== undefined) await indexText(ctx, session, run.output);
  }
}

/** Takes out everything by which a session is found. */
export async function forgetAllTexts(ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<void> {
  for (const row of await partsOf(ctx, sessionId)) await ctx.db.delete(row._id);
}

/** Takes out what a session is found by, other than its title. */
export async function forgetTexts(ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<void> {
  for (const row of await partsOf(ctx, sessionId)) if (row.part > 0) await ctx.db.delete(row._id);
}
