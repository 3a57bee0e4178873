import { bytesOf } from "#domain/project/check.ts";
import { nameKey, nameText } from "#domain/project/kinds.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import {
  type Applied,
  beginProject,
  type Change,
  changeProject,
  contentOf,
  type Entry,
  type Origin,
  type Place,
} from "./project.ts";
import { versionOf } from "./project-edit.ts";
import { refuse } from "./refusal.ts";

/** What one transaction reads at most to take a change back; the platform's own bound is 16 MiB. */
const MAX_READ_BYTES = 14_000_000;
/** Definitions whose earlier versions are read together; each may have 500 kB. */
const READ_AT_ONCE = 8;

/** One change of an environment. @throws not_found */
export async function pushOf(
  ctx: QueryCtx,
  { organizationId, environment }: Place,
  revision: number,
): Promise<Doc<"projectPushes">> {
  const row = await ctx.db
    .query("projectPushes")
    .withIndex("by_revision", (q) =>
      q.eq("organizationId", organizationId).eq("environment", environment).eq("revision", revision),
    )
    .unique();
  if (!row) throw refuse("project_push_not_found", { revision });
  return row;
}

/** What a change made of its definitions, by their names. */
export const madeBy = (ctx: QueryCtx, { organizationId, environment }: Place, revision: number) =>
  ctx.db
    .query("projectVersions")
    .withIndex("by_revision", (q) =>
      q.eq("organizationId", organizationId).eq("environment", environment).eq("revision", revision),
    );

/** Whether a definition is no longer what a version made of it; one that was changed back is. */
export async function hasMoved(made: Doc<"projectVersions">, entry: Entry | undefined): Promise<boolean> {
  if (entry?.version === made.version) return false;
  if (made.definition === null) return entry !== undefined;
  return entry?.hash !== (await contentOf(made.definition)).hash;
}

/** What a definition was before a version, as a change to it; undefined where that is no longer kept. */
async function beforeOf(
  ctx: QueryCtx,
  place: Place,
  { kind, slug, version }: Doc<"projectVersions">,
): Promise<Change | undefined> {
  if (version === 1) return { kind, slug, content: null };
  const before = await versionOf(ctx, place, { kind, slug }, version - 1);
  if (!before) return undefined;
  if (before.definition === null) return { kind, slug, content: null };
  return { kind, slug, content: await contentOf(before.definition), restoredFrom: version - 1 };
}

/**
 * Takes a change back: what it changed becomes again what it was before, as the next change. A second time, it does
 * nothing.
 * @param read bytes that the transaction has read for the same purpose already
 * @throws not_found | invalid_request | too_large; project_moved where one of its definitions has changed since
 */
export async function undoPush(
  ctx: MutationCtx,
  place: Place,
  revision: number,
  origin: Omit<Origin, "undoes">,
  read: { bytes: number } = { bytes: 0 },
): Promise<Applied> {
  const head = await beginProject(ctx, place);
  const push = await pushOf(ctx, place, revision);
  if (push.source === "start") throw refuse("project_start_not_undoable");
  if (push.undoneBy !== undefined) return { revision: push.undoneBy, created: [], updated: [], deleted: [] };
  const entries = new Map(head.entries.map((entry) => [nameKey(entry), entry]));
  const rows: Doc<"projectVersions">[] = [];
  // What is there now is read once more where it is replaced.
  for await (const made of madeBy(ctx, place, revision)) {
    rows.push(made);
    read.bytes += 2 * bytesOf(made.definition ?? "");
    if (read.bytes > MAX_READ_BYTES) throw refuse("project_undo_too_large", { revision });
  }
  const changes: Change[] = [];
  const moved: string[] = [];
  // Some at a time: one after the other takes long, and all at once could be more than may be read.
  for (let from = 0; from < rows.length; from += READ_AT_ONCE) {
    const part = await Promise.all(
      rows.slice(from, from + READ_AT_ONCE).map(async (made) => ({
        made,
        isMoved: await hasMoved(made, entries.get(nameKey(made))),
        before: await beforeOf(ctx, place, made),
      })),
    );
    for (const { made, isMoved, before } of part) {
      if (isMoved) moved.push(nameText(made));
      else if (before === undefined) throw refuse("project_undo_lost", { name: nameText(made) });
      else changes.push(before);
      read.bytes += before?.content?.bytes ?? 0;
    }
    if (read.bytes > MAX_READ_BYTES) throw refuse("project_undo_too_large", { revision });
  }
  if (moved.length > 0) throw refuse("project_undo_moved", { revision, names: moved.slice(0, 10) });
  const done = await changeProject(ctx, place, changes, {
    ...origin,
    undoes: revision,
    baseRevision: head.revision,
  });
  await ctx.db.patch(push._id, { undoneBy: done.revision });
  // What an undo is taken back of counts again, and can be taken back again.
  if (push.undoes !== undefined) {
    const first = await pushOf(ctx, place, push.undoes);
    if (first.undoneBy === revision) await ctx.db.patch(first._id, { undoneBy: undefined });
  }
  return done;
}
