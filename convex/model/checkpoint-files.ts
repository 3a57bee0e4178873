import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** An upload's URL is good for an hour; by then its file has a name, or never gets one. */
const NAMED_WITHIN_MS = 2 * 3_600_000;
const FILES_A_STEP = 100;

/** The file that a checkpoint's bytes are kept in; null where Convex keeps none of that name. */
export async function fileOf(ctx: QueryCtx, storedAs: string): Promise<Doc<"checkpointFiles"> | null> {
  return await ctx.db
    .query("checkpointFiles")
    .withIndex("by_stored", (q) => q.eq("storedAs", storedAs))
    .unique();
}

/** Removes a file and its name. */
export async function forgetFile(ctx: MutationCtx, file: Doc<"checkpointFiles">): Promise<void> {
  if (await ctx.db.system.get(file.storageId)) await ctx.storage.delete(file.storageId);
  await ctx.db.delete(file._id);
}

/**
 * Goes on through the stored files in the order in which they came, and removes those without a name. Where it stands is
 * kept, so that each file is looked at once.
 * @returns whether there are more
 */
export async function removeUnnamed(ctx: MutationCtx, now: number): Promise<boolean> {
  const place = await ctx.db.query("fileSweeps").first();
  const files = await ctx.db.system
    .query("_storage")
    .withIndex("by_creation_time", (q) =>
      q.gt("_creationTime", place?.lookedUntil ?? 0).lt("_creationTime", now - NAMED_WITHIN_MS),
    )
    .take(FILES_A_STEP);
  const last = files.at(-1);
  if (!last) return false;
  for (const { _id } of files) {
    const named = await ctx.db
      .query("checkpointFiles")
      .withIndex("by_file", (q) => q.eq("storageId", _id))
      .first();
    if (!named) await ctx.storage.delete(_id);
  }
  if (place) await ctx.db.patch(place._id, { lookedUntil: last._creationTime });
  else await ctx.db.insert("fileSweeps", { lookedUntil: last._creationTime });
  return files.length === FILES_A_STEP;
}
