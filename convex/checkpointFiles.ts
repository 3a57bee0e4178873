import { v } from "convex/values";
import { internal } from "./_generated/api";
import { refuse, serviceMutation, serviceQuery, systemMutation } from "./functions.ts";
import { fileOf, forgetFile, removeUnnamed } from "./model/checkpoint-files.ts";

/** Where a server uploads a checkpoint's bytes; good for an hour. */
export const uploadUrl = serviceMutation({
  args: {},
  returns: v.string(),
  handler: async (ctx) => await ctx.storage.generateUploadUrl(),
});

/** Gives an uploaded file its name, once and for all; a file that had the name before goes. */
export const keep = serviceMutation({
  args: { storedAs: v.string(), file: v.string() },
  returns: v.null(),
  handler: async (ctx, { storedAs, file }) => {
    const storageId = ctx.db.system.normalizeId("_storage", file);
    if (!storageId) throw refuse("row_not_found", { name: "file" });
    const before = await fileOf(ctx, storedAs);
    if (before?.storageId === storageId) return null;
    if (before) await forgetFile(ctx, before);
    await ctx.db.insert("checkpointFiles", { storedAs, storageId });
    return null;
  },
});

/** Where a file of that name can be downloaded; null where there is none. */
export const url = serviceQuery({
  args: { storedAs: v.string() },
  returns: v.nullable(v.string()),
  handler: async (ctx, { storedAs }) => {
    const file = await fileOf(ctx, storedAs);
    return file && (await ctx.storage.getUrl(file.storageId));
  },
});

/** Removes the file of that name; where there is none, nothing changes. */
export const remove = serviceMutation({
  args: { storedAs: v.string() },
  returns: v.null(),
  handler: async (ctx, { storedAs }) => {
    const file = await fileOf(ctx, storedAs);
    if (file) await forgetFile(ctx, file);
    return null;
  },
});

/** Removes files that were uploaded and never named, since a server ended in between: some at a time. */
export const sweep = systemMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    if (await removeUnnamed(ctx, Date.now()))
      await ctx.scheduler.runAfter(0, internal.checkpointFiles.sweep, {});
    return null;
  },
});
