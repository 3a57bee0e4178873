import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { bytesOf } from "#domain/project/check.ts";
import { nameKey, nameText, type ProjectName, type ProjectSource } from "#domain/project/kinds.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";
import { sha256Of } from "./skills.ts";

/** One environment of an organization's project. */
export interface Place {
  organizationId: Id<"organizations">;
  environment: Doc<"projectHeads">["environment"];
}
export type Entry = Doc<"projectHeads">["entries"][number];

/** A definition as it should be. The caller has checked its text; null deletes it. */
export interface Change extends ProjectName {
  content: { text: string; hash: string; bytes: number } | null;
  /** The version that it brings back. */
  restoredFrom?: number;
}

export interface Origin {
  source: ProjectSource;
  authorId?: Id<"users">;
  keyId?: Id<"apiKeys">;
  /** The session that it comes from. */
  sessionId?: Id<"sandboxSessions">;
  undoes?: number;
}

/** What came of a change: the names of what is different now. */
export interface Applied {
  revision: number;
  created: ProjectName[];
  updated: ProjectName[];
  deleted: ProjectName[];
}

const inPlace = ({ organizationId, environment }: Place) => ({ organizationId, environment });

async function headRow(ctx: QueryCtx | MutationCtx, place: Place): Promise<Doc<"projectHeads"> | null> {
  return await ctx.db
    .query("projectHeads")
    .withIndex("by_environment", (q) =>
      q.eq("organizationId", place.organizationId).eq("environment", place.environment),
    )
    .unique();
}

/** What an environment has, as far as its head says; an organization from before there were heads has its rows alone. */
export async function headOf(
  ctx: QueryCtx | MutationCtx,
  place: Place,
): Promise<{ revision: number; entries: Entry[]; updatedAt: number | null }> {
  const row = await headRow(ctx, place);
  if (row) return row;
  return { revision: 0, entries: (await rowsBefore(ctx, place)).map(({ entry }) => entry), updatedAt: null };
}

/** A text with what its entry needs. Large ones take their time, which a transaction has little of. */
export async function contentOf(text: string): Promise<NonNullable<Change["content"]>> {
  return { text, hash: await sha256Of(text), bytes: bytesOf(text) };
}

/** The definitions of an environment from before its changes were kept: the few that it began with. */
async function rowsBefore(ctx: QueryCtx | MutationCtx, place: Place) {
  const rows = await ctx.db
    .query("projectDefinitions")
    .withIndex("by_slug", (q) =>
      q.eq("organizationId", place.organizationId).eq("environment", place.environment),
    )
    .take(PROJECT_LIMITS.definitions);
  return await Promise.all(
    rows.map(async (row) => {
      const { hash, bytes } = await contentOf(row.definition);
      return { row, entry: { kind: row.kind, slug: row.slug, hash, bytes, version: 1 } };
    }),
  );
}

/** Begins an environment's history with what it has. Again, it does nothing. @returns its head */
export async function beginProject(ctx: MutationCtx, place: Place): Promise<Doc<"projectHeads">> {
  const known = await headRow(ctx, place);
  if (known) return known;
  const rows = await rowsBefore(ctx, place);
  for (const { row } of rows) {
    const { kind, slug, definition } = row;
    await ctx.db.insert("projectVersions", {
      ...inPlace(place),
      kind,
      slug,
      version: 1,
      revision: 0,
      definition,
    });
  }
  const at = Date.now();
  const counts = { created: rows.length, updated: 0, deleted: 0 };
  await ctx.db.insert("projectPushes", { ...inPlace(place), revision: 0, source: "start", at, ...counts });
  const entries = rows.map(({ entry }) => entry);
  const id = await ctx.db.insert("projectHeads", { ...inPlace(place), revision: 0, entries, updatedAt: at });
  return (await ctx.db.get(id))!;
}

async function rowOf(ctx: MutationCtx, place: Place, { kind, slug }: ProjectName) {
  return await ctx.db
    .query("projectDefinitions")
    .withIndex("by_slug", (q) =>
      q
        .eq("organizationId", place.organizationId)
        .eq("environment", place.environment)
        .eq("kind", kind)
        .eq("slug", slug),
    )
    .unique();
}

/** The versions of a definition, by their index. @param upTo the last one */
const versionsOf = (
  ctx: QueryCtx | MutationCtx,
  place: Place,
  { kind, slug }: ProjectName,
  upTo = Number.MAX_SAFE_INTEGER,
) =>
  ctx.db
    .query("projectVersions")
    .withIndex("by_version", (q) =>
      q
        .eq("organizationId", place.organizationId)
        .eq("environment", place.environment)
        .eq("kind", kind)
        .eq("slug", slug)
        .lte("version", upTo),
    );

/** The version that a definition is to have next: it goes on counting where it was deleted before. */
async function nextVersion(
  ctx: MutationCtx,
  place: Place,
  name: ProjectName,
  known?: Entry,
): Promise<number> {
  if (known) return known.version + 1;
  return ((await versionsOf(ctx, place, name).order("desc").first())?.version ?? 0) + 1;
}

/** Definitions whose old versions go in one step: each brings along a text of the largest size. */
const STEP_DEFINITIONS = 4;

/**
 * Removes the versions beyond the most that are kept: one of each definition, since one came. Of more than a few
 * definitions the rest goes by itself afterwards, so that a push of all of them stays within a transaction's reads.
 * @param names each with the version that came
 */
export async function dropOldVersions(
  ctx: MutationCtx,
  place: Place,
  names: readonly (ProjectName & { version: number })[],
): Promise<void> {
  const grown = names.filter(({ version }) => version > PROJECT_LIMITS.versions);
  for (const { version, ...name } of grown.slice(0, STEP_DEFINITIONS)) {
    const old = await versionsOf(ctx, place, name, version - PROJECT_LIMITS.versions).first();
    if (old) await ctx.db.delete(old._id);
  }
  const rest = grown.slice(STEP_DEFINITIONS).map(({ kind, slug, version }) => ({ kind, slug, version }));
  if (rest.length > 0)
    await ctx.scheduler.runAfter(0, internal.projectHistory.dropVersions, { ...inPlace(place), names: rest });
}

/** The changes that make a difference. @throws invalid_request for a name that is there twice */
function wantedOf(changes: readonly Change[], entries: ReadonlyMap<string, Entry>): Change[] {
  const named = new Set<string>();
  for (const name of changes) {
    if (named.has(nameKey(name))) throw refuse("project_named_twice", { name: nameText(name) });
    named.add(nameKey(name));
  }
  return changes.filter(({ content, ...name }) => entries.get(nameKey(name))?.hash !== content?.hash);
}

/** Looks whether an environment keeps its bounds with some changes. @throws invalid_request | too_large */
function checkSize(entries: ReadonlyMap<string, Entry>, wanted: readonly Change[]): void {
  const sizes = new Map([...entries].map(([key, { bytes }]) => [key, bytes]));
  for (const { content, ...name } of wanted)
    if (content) sizes.set(nameKey(name), content.bytes);
    else sizes.delete(nameKey(name));
  if (sizes.size > PROJECT_LIMITS.definitions)
    throw refuse("project_full", { limit: PROJECT_LIMITS.definitions });
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (bytes > PROJECT_LIMITS.projectBytes)
    throw refuse("project_push_too_large", { bytes, limit: PROJECT_LIMITS.projectBytes });
}

/**
 * Changes an environment: all of it or nothing, in the transaction that it is called in. What is as it should be
 * already makes no version; where that is all, nothing is written.
 * @param baseRevision what the change was made against; it is refused where the environment has moved since
 * @throws project_moved | project_full | project_push_too_large | invalid_request
 */
export async function changeProject(
  ctx: MutationCtx,
  place: Place,
  changes: readonly Change[],
  { baseRevision, ...origin }: Origin & { baseRevision: number },
): Promise<Applied> {
  const head = await beginProject(ctx, place);
  if (head.revision !== baseRevision)
    throw refuse("project_moved", { base: baseRevision, revision: head.revision });
  const entries = new Map(head.entries.map((entry) => [nameKey(entry), entry]));
  const wanted = wantedOf(changes, entries);
  checkSize(entries, wanted);
  const revision = head.revision + 1;
  const done: Applied = { revision: head.revision, created: [], updated: [], deleted: [] };
  // All of one step together: a push of hundreds would wait for each by itself otherwise.
  const found = await Promise.all(
    wanted.map(async ({ kind, slug }) => {
      const known = entries.get(nameKey({ kind, slug }));
      return {
        known,
        version: await nextVersion(ctx, place, { kind, slug }, known),
        row: known && (await rowOf(ctx, place, { kind, slug })),
      };
    }),
  );
  await Promise.all(
    wanted.map(async ({ kind, slug, content, restoredFrom }, index) => {
      const { row, version } = found[index]!;
      const name = { kind, slug };
      if (content === null) {
        if (row) await ctx.db.delete(row._id);
      } else if (row) await ctx.db.patch(row._id, { definition: content.text });
      else
        await ctx.db.insert("projectDefinitions", { ...inPlace(place), ...name, definition: content.text });
      await ctx.db.insert("projectVersions", {
        ...inPlace(place),
        ...name,
        version,
        revision,
        definition: content?.text ?? null,
        ...(restoredFrom !== undefined && { restoredFrom }),
      });
    }),
  );
  await dropOldVersions(
    ctx,
    place,
    wanted.map(({ kind, slug }, index) => ({ kind, slug, version: found[index]!.version })),
  );
  for (const [index, { kind, slug, content }] of wanted.entries()) {
    const { known, version } = found[index]!;
    const name = { kind, slug };
    if (content === null) {
      entries.delete(nameKey(name));
      done.deleted.push(name);
    } else {
      const { hash, bytes } = content;
      entries.set(nameKey(name), { ...name, hash, bytes, version });
      (known ? done.updated : done.created).push(name);
    }
  }
  const counts = {
    created: done.created.length,
    updated: done.updated.length,
    deleted: done.deleted.length,
  };
  if (counts.created + counts.updated + counts.deleted === 0) return done;
  const now = [...entries.values()];
  const at = Date.now();
  await ctx.db.patch(head._id, { revision, entries: now, updatedAt: at });
  await ctx.db.insert("projectPushes", { ...inPlace(place), revision, ...origin, at, ...counts });
  return { ...done, revision };
}
