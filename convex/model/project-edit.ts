import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { checkText } from "#domain/project/check.ts";
import { nameKey, nameText, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import {
  type Applied,
  beginProject,
  type Change,
  changeProject,
  contentOf,
  type Origin,
  type Place,
} from "./project.ts";
import { refuse } from "./refusal.ts";
import { mayUse } from "./sessions.ts";

/** Names told in a refusal, and faults. */
const MAX_TOLD = 10;

/** Of a definition as JSON text, and of what it is known by. */
export const definitionLimit = {
  kind: "text",
  min: 0,
  max: PROJECT_LIMITS.definitionBytes,
  maxBytes: PROJECT_LIMITS.definitionBytes,
} as const;
export const nameLimit = { kind: "text", min: 0, max: PROJECT_LIMITS.keyChars } as const;

/** The environment of a caller's project. */
export const placeOf = ({ organizationId }: Caller, environment: Place["environment"]): Place => ({
  organizationId,
  environment,
});

/** The same, for a change. @throws forbidden where it is not the caller's to change */
export function writablePlace(caller: Caller, environment: Place["environment"]): Place {
  mayUse(caller, environment);
  return placeOf(caller, environment);
}

/** Who changes a project, by a page or by a request. */
export const originOf = ({ user, key }: Caller): Origin => ({
  source: key ? "api" : "page",
  authorId: user._id,
  ...(key && { keyId: key._id }),
});

/** The versions of a definition, by their index. */
export const versionsOf = (ctx: QueryCtx, { organizationId, environment }: Place, name: ProjectName) =>
  ctx.db
    .query("projectVersions")
    .withIndex("by_version", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("environment", environment)
        .eq("kind", name.kind)
        .eq("slug", name.slug),
    );

/** One of a definition's versions; null for one that is not kept. */
export async function versionOf(
  ctx: QueryCtx,
  { organizationId, environment }: Place,
  { kind, slug }: ProjectName,
  number: number,
): Promise<Doc<"projectVersions"> | null> {
  return await ctx.db
    .query("projectVersions")
    .withIndex("by_version", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("environment", environment)
        .eq("kind", kind)
        .eq("slug", slug)
        .eq("version", number),
    )
    .unique();
}

/** A definition's present row; null where it is not there. */
export async function definitionRow(
  ctx: QueryCtx,
  { organizationId, environment }: Place,
  { kind, slug }: ProjectName,
): Promise<Doc<"projectDefinitions"> | null> {
  return await ctx.db
    .query("projectDefinitions")
    .withIndex("by_slug", (q) =>
      q.eq("organizationId", organizationId).eq("environment", environment).eq("kind", kind).eq("slug", slug),
    )
    .unique();
}

/** A definition's text, read and checked as everything is that comes in. @throws invalid_request */
export async function checkedContent(
  kind: ProjectKind,
  text: string,
): Promise<{ name: ProjectName; content: NonNullable<Change["content"]> }> {
  const read = checkText(kind, text);
  if (!read.ok) {
    const faults = read.faults
      .slice(0, MAX_TOLD)
      .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    throw refuse("project_definition_invalid", { faults });
  }
  return { name: read.name, content: await contentOf(read.text) };
}

/**
 * Changes some definitions against the revision at which their author saw them. What has changed elsewhere in the
 * environment since is no reason to refuse; what changed of the same definitions is, unless it is as wished already.
 * @throws project_moved, and what {@link changeProject} throws
 */
export async function changeSeen(
  ctx: MutationCtx,
  place: Place,
  changes: readonly Change[],
  { seenAt, ...origin }: Origin & { seenAt: number },
): Promise<Applied> {
  const head = await beginProject(ctx, place);
  if (seenAt > head.revision) throw refuse("project_moved", { base: seenAt, revision: head.revision });
  const entries = new Map(head.entries.map((entry) => [nameKey(entry), entry]));
  const moved: string[] = [];
  for (const change of changes) {
    if (seenAt === head.revision) break;
    if (entries.get(nameKey(change))?.hash === change.content?.hash) continue;
    const last = await versionsOf(ctx, place, change).order("desc").first();
    if (last && last.revision > seenAt) moved.push(nameText(change));
  }
  if (moved.length > 0)
    throw refuse("project_definition_moved", { names: moved.slice(0, MAX_TOLD), base: seenAt });
  return await changeProject(ctx, place, changes, { ...origin, baseRevision: head.revision });
}

/**
 * What one edit comes to: a definition made, changed, given another name, or deleted.
 * @param slug its name until now; null where it is new
 * @param text what it is to be; null to delete it
 * @throws invalid_request | not_found | already_exists
 */
export async function editOf(
  ctx: MutationCtx,
  place: Place,
  { kind, slug, text }: { kind: ProjectKind; slug: string | null; text: string | null },
): Promise<Change[]> {
  // Its versions are looked at below.
  await beginProject(ctx, place);
  if (text === null) {
    if (slug === null) throw refuse("project_nothing_named");
    return [{ kind, slug, content: null }];
  }
  const { name, content } = await checkedContent(kind, text);
  if (slug === name.slug) {
    // One that somebody has deleted meanwhile must not come back as new without a word.
    const last = await versionsOf(ctx, place, name).order("desc").first();
    if (!last) throw refuse("project_definition_not_found", { name: nameText(name) });
    return [{ ...name, content }];
  }
  const other = await definitionRow(ctx, place, name);
  // A second press of the same button finds what the first one made.
  if (other && other.definition !== content.text)
    throw refuse("project_definition_exists", { name: nameText(name) });
  const made: Change = { ...name, content };
  return slug === null ? [made] : [made, { kind, slug, content: null }];
}
