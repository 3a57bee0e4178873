import { v } from "convex/values";
import { nameKey, nameText } from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { orgMutation } from "./functions.ts";
import { type Change, changeProject, headOf } from "./model/project.ts";
import { auditedChanges } from "./model/project-audit.ts";
import {
  changeSeen,
  checkedContent,
  definitionLimit,
  definitionRow,
  nameLimit,
  editOf,
  originOf,
  placeOf,
  versionOf,
  writablePlace,
} from "./model/project-edit.ts";
import { undoPush } from "./model/project-undo.ts";
import { refuse } from "./model/refusal.ts";
import { environment, projectKind } from "./model/values.ts";

const name = v.object({ kind: projectKind, slug: v.string() });
const applied = v.object({
  revision: v.number(),
  created: v.array(name),
  updated: v.array(name),
  deleted: v.array(name),
});

/**
 * Makes, changes or deletes one definition; one whose text has another name than `slug` is renamed.
 * @throws forbidden | invalid_request | not_found | already_exists | too_large; project_moved where it has changed since
 */
export const change = orgMutation({
  min: "member",
  scope: "project:write",
  audit: "entry",
  bounds: { definition: definitionLimit, slug: nameLimit },
  args: {
    environment,
    kind: projectKind,
    /** What it is called now; null for a new one. */
    slug: v.nullable(v.string()),
    /** JSON text; null to delete it. */
    definition: v.nullable(v.string()),
    /** The revision of the environment at which its author saw it. */
    baseRevision: v.number(),
  },
  returns: applied,
  handler: async (ctx, { environment: where, kind, slug, definition, baseRevision }) => {
    const place = writablePlace(ctx.caller, where);
    const changes = await editOf(ctx, place, { kind, slug, text: definition });
    const done = await changeSeen(ctx, place, changes, { ...originOf(ctx.caller), seenAt: baseRevision });
    await ctx.report(auditedChanges(place, done));
    return done;
  },
});

/**
 * Makes a definition again what it was in an earlier version, as its next one.
 * @throws forbidden | not_found | invalid_request; project_moved where it has changed since
 */
export const restore = orgMutation({
  min: "member",
  scope: "project:write",
  audit: "entry",
  bounds: { slug: nameLimit },
  args: {
    environment,
    kind: projectKind,
    slug: v.string(),
    number: v.number(),
    baseRevision: v.number(),
  },
  returns: applied,
  handler: async (ctx, { environment: where, kind, slug, number, baseRevision }) => {
    const place = writablePlace(ctx.caller, where);
    const row = await versionOf(ctx, place, { kind, slug }, number);
    if (!row) throw refuse("project_version_not_found", { kept: PROJECT_LIMITS.versions });
    if (row.definition === null) throw refuse("project_deletion_not_restorable");
    // What was right once need not be any more.
    const { content } = await checkedContent(kind, row.definition);
    const done = await changeSeen(ctx, place, [{ kind, slug, content, restoredFrom: number }], {
      ...originOf(ctx.caller),
      seenAt: baseRevision,
    });
    const entry = auditedChanges(place, done);
    await ctx.report(entry && { ...entry, action: "project.restored", after: { ...entry.after, number } });
    return done;
  },
});

/**
 * Takes a change of an environment back, whole, as its next change. Again, it does nothing.
 * @throws forbidden | not_found | invalid_request | too_large; project_moved where what it changed has changed since
 */
export const undo = orgMutation({
  min: "member",
  scope: "project:write",
  audit: "entry",
  args: { environment, revision: v.number() },
  returns: applied,
  handler: async (ctx, { environment: where, revision }) => {
    const place = writablePlace(ctx.caller, where);
    const done = await undoPush(ctx, place, revision, originOf(ctx.caller));
    const entry = auditedChanges(place, done);
    await ctx.report(
      entry && { ...entry, action: "project.restored", after: { ...entry.after, undoes: revision } },
    );
    return done;
  },
});

/**
 * Makes some definitions of an environment what they are in another; one that isn't there is deleted. Both have to be
 * as they were when it was decided.
 * @throws forbidden | invalid_request | too_large; project_moved where one of the two has changed since
 */
export const promote = orgMutation({
  min: "member",
  scope: "project:write",
  audit: "entry",
  bounds: {
    names: {
      kind: "list",
      min: 1,
      max: PROJECT_LIMITS.definitions,
      of: { kind: "fields", fields: { kind: nameLimit, slug: nameLimit } },
    },
  },
  args: {
    from: environment,
    fromRevision: v.number(),
    environment,
    baseRevision: v.number(),
    names: v.array(name),
  },
  returns: applied,
  handler: async (ctx, { from, fromRevision, environment: where, baseRevision, names }) => {
    if (from === where) throw refuse("project_same_environment");
    const place = writablePlace(ctx.caller, where);
    const source = placeOf(ctx.caller, from);
    const { revision, entries } = await headOf(ctx, source);
    if (revision !== fromRevision) throw refuse("project_moved", { base: fromRevision, revision });
    const known = new Map(entries.map((entry) => [nameKey(entry), entry]));
    const changes: Change[] = [];
    for (const one of names) {
      const entry = known.get(nameKey(one));
      const row = entry && (await definitionRow(ctx, source, one));
      if (entry && !row) throw refuse("project_definition_not_found", { name: nameText(one) });
      changes.push({
        ...one,
        content: entry && row ? { text: row.definition, hash: entry.hash, bytes: entry.bytes } : null,
      });
    }
    const done = await changeProject(ctx, place, changes, { ...originOf(ctx.caller), baseRevision });
    const entry = auditedChanges(place, done);
    await ctx.report(entry && { ...entry, after: { ...entry.after, from, fromRevision } });
    return done;
  },
});
