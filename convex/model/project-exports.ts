import type { ExportTable } from "#domain/exports.ts";
import { only, type Reader } from "./export-rows.ts";

/** The parts of an export that tell of the project: what it is, what it was, and who changed it. */
export const PROJECT_READERS = {
  project_definitions: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("projectDefinitions")
        .withIndex("by_slug", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["environment", "kind", "slug", "definition"],
      false,
    ),
  project_versions: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("projectVersions")
        .withIndex("by_version", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["environment", "kind", "slug", "version", "revision", "definition", "restoredFrom"],
      false,
    ),
  project_changes: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("projectPushes")
        .withIndex("by_revision", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      [
        "environment",
        "revision",
        "authorId",
        "keyId",
        "source",
        "sessionId",
        "undoes",
        "undoneBy",
        "at",
        "created",
        "updated",
        "deleted",
      ],
      false,
    ),
} satisfies Partial<Record<ExportTable, Reader>>;
