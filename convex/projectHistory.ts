import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { nameKey } from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import type { Doc } from "./_generated/dataModel";
import { orgQuery, systemMutation } from "./functions.ts";
import { Names } from "./model/people.ts";
import { dropOldVersions, headOf } from "./model/project.ts";
import { definitionRow, placeOf, versionOf, versionsOf } from "./model/project-edit.ts";
import { hasMoved, madeBy, pushOf } from "./model/project-undo.ts";
import { refuse } from "./model/refusal.ts";
import { environment, projectKind, projectSource } from "./model/values.ts";

/** Bytes of versions that a page of differences reads; what they were before comes on top. */
const DIFFERENCE_BYTES = 1_500_000;
/** Rows of such a page: each may bring along two more texts of the largest size. */
const DIFFERENCE_ROWS = 10;

const shownPush = v.object({
  revision: v.number(),
  source: projectSource,
  /** Null for what was there before changes were kept. */
  authorId: v.nullable(v.id("users")),
  authorName: v.nullable(v.string()),
  at: v.number(),
  created: v.number(),
  updated: v.number(),
  deleted: v.number(),
  /** The change that it took back. */
  undoes: v.nullable(v.number()),
  /** The change that took it back, while that counts. */
  undoneBy: v.nullable(v.number()),
});

async function toPush(row: Doc<"projectPushes">, people: Names) {
  const { revision, source, authorId, at, created, updated, deleted, undoes, undoneBy } = row;
  return {
    revision,
    source,
    authorId: authorId ?? null,
    authorName: authorId ? await people.of(authorId) : null,
    at,
    created,
    updated,
    deleted,
    undoes: undoes ?? null,
    undoneBy: undoneBy ?? null,
  };
}

/** The changes of an environment, the last one first. */
export const pushes = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(shownPush),
  handler: async (ctx, { environment: where, paginationOpts }) => {
    const people = new Names(ctx);
    const { page, ...rest } = await ctx.db
      .query("projectPushes")
      .withIndex("by_revision", (q) =>
        q.eq("organizationId", ctx.caller.organizationId).eq("environment", where),
      )
      .order("desc")
      .paginate(paginationOpts);
    return { ...rest, page: await Promise.all(page.map(async (row) => await toPush(row, people))) };
  },
});

/** What a change changed: each definition as it was before, as it was made, and as it is now where that is different. */
export const changes = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, revision: v.number(), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({
      kind: projectKind,
      slug: v.string(),
      number: v.number(),
      /** JSON text; null where it was not there. */
      before: v.nullable(v.string()),
      after: v.nullable(v.string()),
      /** True where what it was before is no longer kept. */
      beforeLost: v.boolean(),
      /** What somebody has made of it since: a change that has any can't be taken back. */
      since: v.nullable(v.object({ definition: v.nullable(v.string()) })),
    }),
  ),
  handler: async (ctx, { environment: where, revision, paginationOpts }) => {
    const place = placeOf(ctx.caller, where);
    const entries = new Map((await headOf(ctx, place)).entries.map((entry) => [nameKey(entry), entry]));
    const { page, ...rest } = await madeBy(ctx, place, revision).paginate({
      ...paginationOpts,
      numItems: Math.min(paginationOpts.numItems, DIFFERENCE_ROWS),
      maximumBytesRead: DIFFERENCE_BYTES,
    });
    const shown = [];
    for (const made of page) {
      const { kind, slug, version, definition } = made;
      const before = version === 1 ? null : await versionOf(ctx, place, made, version - 1);
      const isMoved = await hasMoved(made, entries.get(nameKey(made)));
      shown.push({
        kind,
        slug,
        number: version,
        before: before?.definition ?? null,
        after: definition,
        beforeLost: version > 1 && before === null,
        since: isMoved ? { definition: (await definitionRow(ctx, place, made))?.definition ?? null } : null,
      });
    }
    return { ...rest, page: shown };
  },
});

const shownVersion = {
  number: v.number(),
  /** The change of the environment that made it. */
  revision: v.number(),
  isDeletion: v.boolean(),
  restoredFrom: v.nullable(v.number()),
  source: v.nullable(projectSource),
  authorName: v.nullable(v.string()),
  at: v.nullable(v.number()),
};

/** The kept versions of a definition, the last one first, without their texts. */
export const versions = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, kind: projectKind, slug: v.string(), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(v.object(shownVersion)),
  handler: async (ctx, { environment: where, kind, slug, paginationOpts }) => {
    const place = placeOf(ctx.caller, where);
    const people = new Names(ctx);
    const { page, ...rest } = await versionsOf(ctx, place, { kind, slug })
      .order("desc")
      .paginate(paginationOpts);
    const rows = page.map(async ({ version, revision, definition, restoredFrom }) => {
      const push = await pushOf(ctx, place, revision);
      const { source, authorName, at } = await toPush(push, people);
      return {
        number: version,
        revision,
        isDeletion: definition === null,
        restoredFrom: restoredFrom ?? null,
        source,
        authorName,
        at,
      };
    });
    return { ...rest, page: await Promise.all(rows) };
  },
});

/** One version of a definition, and the one before it. @throws not_found for one that is not kept */
export const version = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, kind: projectKind, slug: v.string(), number: v.number() },
  returns: v.object({ definition: v.nullable(v.string()), before: v.nullable(v.string()) }),
  handler: async (ctx, { environment: where, kind, slug, number }) => {
    const place = placeOf(ctx.caller, where);
    const row = await versionOf(ctx, place, { kind, slug }, number);
    if (!row) throw refuse("project_version_not_found", { kept: PROJECT_LIMITS.versions });
    const before = await versionOf(ctx, place, { kind, slug }, number - 1);
    return { definition: row.definition, before: before?.definition ?? null };
  },
});

/** Goes on removing the oldest versions of what a push of many definitions has changed. */
export const dropVersions = systemMutation({
  args: {
    organizationId: v.id("organizations"),
    environment,
    names: v.array(v.object({ kind: projectKind, slug: v.string(), version: v.number() })),
  },
  returns: v.null(),
  handler: async (ctx, { names, ...place }) => {
    await dropOldVersions(ctx, place, names);
    return null;
  },
});
