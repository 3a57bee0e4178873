import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { checkText } from "#domain/project/check.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { nameKey, nameText } from "#domain/project/kinds.ts";
import { orgQuery } from "./functions.ts";
import { PAGE_BYTES, takeUpTo } from "./model/paging.ts";
import { headOf } from "./model/project.ts";
import { definitionLimit, definitionRow, placeOf, versionsOf } from "./model/project-edit.ts";
import { ReferenceReader, shownReference } from "./model/project-references.ts";
import { refuse } from "./model/refusal.ts";
import { environment, projectKind } from "./model/values.ts";

/** Bytes of definitions that a page of whole ones reads. */
const CONTENT_BYTES = 2_000_000;
const MAX_SHOWN_CHARS = 300;

const shortened = (value: unknown): string =>
  typeof value === "string" ? value.slice(0, MAX_SHOWN_CHARS) : "";

/** What a list shows of a definition's text; one that cannot be read must not take the others along. */
function shownOf(text: string): { name: string; description: string } {
  try {
    const { name, description } = JSON.parse(text) as { name?: unknown; description?: unknown };
    return { name: shortened(name), description: shortened(description) };
  } catch {
    return { name: "", description: "" };
  }
}

/** An environment as a whole: its revision, and how many definitions of each kind it has. */
export const head = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment },
  returns: v.object({
    revision: v.number(),
    updatedAt: v.nullable(v.number()),
    bytes: v.number(),
    counts: v.object({
      agent: v.number(),
      entityType: v.number(),
      role: v.number(),
      trigger: v.number(),
      file: v.number(),
    }),
  }),
  handler: async (ctx, { environment: where }) => {
    const { revision, entries, updatedAt } = await headOf(ctx, placeOf(ctx.caller, where));
    const counts = { agent: 0, entityType: 0, role: 0, trigger: 0, file: 0 };
    for (const { kind } of entries) counts[kind] += 1;
    return { revision, updatedAt, bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0), counts };
  },
});

/** What an environment has by name and size, without the texts: to choose from, and to compare with another. */
export const names = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment },
  returns: v.object({
    revision: v.number(),
    definitions: v.array(
      v.object({
        kind: projectKind,
        slug: v.string(),
        sha256: v.string(),
        bytes: v.number(),
        number: v.number(),
      }),
    ),
  }),
  handler: async (ctx, { environment: where }) => {
    const { revision, entries } = await headOf(ctx, placeOf(ctx.caller, where));
    return {
      revision,
      definitions: entries.map(({ kind, slug, hash, bytes, version }) => ({
        kind,
        slug,
        sha256: hash,
        bytes,
        number: version,
      })),
    };
  },
});

/** The definitions of a kind by their names, without their texts. */
export const list = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, kind: projectKind, paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({
      slug: v.string(),
      name: v.string(),
      description: v.string(),
      bytes: v.number(),
      /** Counts the definition's own changes, from 1. */
      number: v.number(),
    }),
  ),
  handler: async (ctx, { environment: where, kind, paginationOpts }) => {
    const { organizationId } = ctx.caller;
    const { entries } = await headOf(ctx, placeOf(ctx.caller, where));
    const known = new Map(entries.map((entry) => [nameKey(entry), entry]));
    const { page, ...rest } = await ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) =>
        q.eq("organizationId", organizationId).eq("environment", where).eq("kind", kind),
      )
      .paginate(paginationOpts);
    return {
      ...rest,
      page: page.map(({ slug, definition }) => {
        const { bytes, version } = known.get(nameKey({ kind, slug })) ?? { bytes: 0, version: 1 };
        return { slug, ...shownOf(definition), bytes, number: version };
      }),
    };
  },
});

/**
 * One definition as JSON text, with the revision of its environment, which an edit names.
 * @throws not_found where there never was one; a deleted one has no text
 */
export const get = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, kind: projectKind, slug: v.string() },
  returns: v.object({
    definition: v.nullable(v.string()),
    revision: v.number(),
    number: v.number(),
  }),
  handler: async (ctx, { environment: where, ...name }) => {
    const place = placeOf(ctx.caller, where);
    const { revision, entries } = await headOf(ctx, place);
    const entry = entries.find((one) => nameKey(one) === nameKey(name));
    if (entry) {
      const row = await definitionRow(ctx, place, name);
      return { definition: row?.definition ?? null, revision, number: entry.version };
    }
    const last = await versionsOf(ctx, place, name).order("desc").first();
    if (!last) throw refuse("project_definition_not_found", { name: nameText(name) });
    return { definition: null, revision, number: last.version };
  },
});

/** Whole definitions, a page at a time: for what has to look at all of them, such as the effects of a change. */
export const contents = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({ kind: projectKind, slug: v.string(), definition: v.string() }),
  ),
  handler: async (ctx, { environment: where, paginationOpts }) => {
    const { page, ...rest } = await ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) => q.eq("organizationId", ctx.caller.organizationId).eq("environment", where))
      .paginate({ ...paginationOpts, maximumBytesRead: CONTENT_BYTES });
    return { ...rest, page: page.map(({ kind, slug, definition }) => ({ kind, slug, definition })) };
  },
});

/** What definitions refer to, and what of it isn't there. */
export const references = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({ kind: projectKind, slug: v.string(), references: v.array(shownReference) }),
  ),
  handler: async (ctx, { environment: where, paginationOpts }) => {
    const place = placeOf(ctx.caller, where);
    const reader = new ReferenceReader(ctx, place, (await headOf(ctx, place)).entries);
    const { page, ...rest } = await ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) => q.eq("organizationId", place.organizationId).eq("environment", where))
      .paginate({ ...paginationOpts, maximumBytesRead: CONTENT_BYTES });
    const shown = [];
    for (const { kind, slug, definition } of page)
      shown.push({ kind, slug, references: await reader.of({ kind, slug }, definition) });
    return { ...rest, page: shown };
  },
});

/** The fields of the entity types of an environment: what roles, triggers and prompts can name. */
export const entityTypes = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment },
  returns: v.array(v.object({ slug: v.string(), definition: v.string() })),
  handler: async (ctx, { environment: where }) => {
    const rows = await takeUpTo(
      ctx.db
        .query("projectDefinitions")
        .withIndex("by_slug", (q) =>
          q.eq("organizationId", ctx.caller.organizationId).eq("environment", where).eq("kind", "entityType"),
        ),
      { rows: PROJECT_LIMITS.definitions, bytes: PAGE_BYTES / 4 },
    );
    return rows.map(({ slug, definition }) => ({ slug, definition }));
  },
});

/** What is wrong with a definition, before it is kept. */
export const check = orgQuery({
  min: "viewer",
  scope: "project:read",
  bounds: { definition: definitionLimit },
  args: { kind: projectKind, definition: v.string() },
  returns: v.object({
    /** What it would be known by; empty where that can't be read. */
    slug: v.string(),
    faults: v.array(v.object({ path: v.string(), message: v.string() })),
  }),
  handler: async (_ctx, { kind, definition }) => {
    const read = checkText(kind, definition);
    return {
      slug: read.name.slug.slice(0, PROJECT_LIMITS.keyChars),
      faults: read.ok
        ? []
        : read.faults.map(({ path, message }) => ({ path: shortened(path), message: shortened(message) })),
    };
  },
});
