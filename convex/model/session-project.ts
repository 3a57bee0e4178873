import { checkText } from "#domain/project/check.ts";
import { nameKey, nameText, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import { WORKSPACE_LIMITS, workspaceChanges, type WorkspaceFault } from "#domain/project/workspace.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";
import { beginProject, type Change, contentOf, type Entry, headOf, type Place } from "./project.ts";
import { refuse } from "./refusal.ts";
import { sha256Of } from "./skills.ts";

type Session = Doc<"sandboxSessions">;
export type SessionProject = Doc<"sessionProjects">;
type Listed = SessionProject["changes"][number];

/** How far back it is looked for what was pulled: of versions, and of their bytes. */
const LOOKED_AT = { rows: 200, bytes: 3 * 1024 * 1024 };

/** The project that a session works on. */
export const placeOfSession = ({ organizationId, environment }: Session): Place => ({
  organizationId,
  environment,
});

/** What is known of a session's workspace; null before the first look. */
export async function projectOf(ctx: QueryCtx, sessionId: Id<"sandboxSessions">) {
  return await ctx.db
    .query("sessionProjects")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();
}

/** The same to write, from nothing where there is none. */
async function projectToWrite(ctx: MutationCtx, session: Session): Promise<SessionProject> {
  const known = await projectOf(ctx, session._id);
  if (known) return known;
  const { revision } = await headOf(ctx, placeOfSession(session));
  const id = await ctx.db.insert("sessionProjects", {
    organizationId: session.organizationId,
    sessionId: session._id,
    base: revision,
    changes: [],
    unlisted: 0,
    faults: [],
    kept: [],
    at: null,
    problem: null,
    atLeast: 0,
    pushed: null,
  });
  return (await ctx.db.get(id))!;
}

async function textRow(ctx: QueryCtx, sessionId: Id<"sandboxSessions">, hash: string) {
  return await ctx.db
    .query("sessionDefinitions")
    .withIndex("by_hash", (q) => q.eq("sessionId", sessionId).eq("hash", hash))
    .first();
}

/**
 * Keeps texts of a session's workspace, which were told by its sandbox.
 * @throws invalid_request for one that is no definition
 */
export async function keepTexts(
  ctx: MutationCtx,
  session: Session,
  texts: readonly { kind: ProjectKind; text: string }[],
): Promise<void> {
  const row = await projectToWrite(ctx, session);
  const kept = new Set(row.kept);
  for (const { kind, text } of texts) {
    const read = checkText(kind, text);
    if (!read.ok) throw refuse("project_invalid", { problems: read.faults.length });
    const { hash, bytes } = await contentOf(read.text);
    if (kept.has(hash) && (await textRow(ctx, session._id, hash))) continue;
    kept.add(hash);
    await ctx.db.insert("sessionDefinitions", {
      organizationId: session.organizationId,
      sessionId: session._id,
      ...read.name,
      hash,
      text: read.text,
      bytes,
    });
  }
  await ctx.db.patch(row._id, { kept: [...kept] });
}

async function dropTexts(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  hashes: Iterable<string>,
): Promise<void> {
  for (const hash of hashes) {
    const row = await textRow(ctx, sessionId, hash);
    if (row) await ctx.db.delete(row._id);
  }
}

/** The text of a definition at an earlier revision; null where it was not there, or is no longer kept. */
export async function textAt(
  ctx: QueryCtx,
  { organizationId, environment }: Place,
  { kind, slug }: ProjectName,
  revision: number,
): Promise<string | null> {
  const later = ctx.db
    .query("projectVersions")
    .withIndex("by_version", (q) =>
      q.eq("organizationId", organizationId).eq("environment", environment).eq("kind", kind).eq("slug", slug),
    )
    .order("desc");
  let bytes = 0;
  for await (const version of later) {
    if (version.revision <= revision) return version.definition;
    bytes += version.definition?.length ?? 0;
    if (bytes > LOOKED_AT.bytes) break;
  }
  return null;
}

/** What an environment had at an earlier revision, by name; null where more has changed since than is looked at. */
async function entriesAt(
  ctx: QueryCtx,
  place: Place,
  now: readonly Entry[],
  revision: number,
): Promise<{ kind: ProjectKind; slug: string; hash: string }[] | null> {
  const { organizationId, environment } = place;
  const since = await takeUpTo(
    ctx.db
      .query("projectVersions")
      .withIndex("by_revision", (q) =>
        q.eq("organizationId", organizationId).eq("environment", environment).gt("revision", revision),
      ),
    LOOKED_AT,
  );
  const size = since.reduce((sum, { definition }) => sum + (definition?.length ?? 0), 0);
  if (since.length >= LOOKED_AT.rows || size >= LOOKED_AT.bytes) return null;
  const entries = new Map(now.map(({ kind, slug, hash }) => [nameKey({ kind, slug }), { kind, slug, hash }]));
  for (const name of new Map(since.map((one) => [nameKey(one), one])).values()) {
    const { kind, slug } = name;
    const before = await textAt(ctx, place, { kind, slug }, revision);
    if (before === null) entries.delete(nameKey(name));
    else entries.set(nameKey(name), { kind, slug, hash: await sha256Of(before) });
  }
  return [...entries.values()];
}

/** As many changes as stand in one row; the others are counted. */
function listed(changes: readonly Listed[]): { changes: Listed[]; unlisted: number } {
  const kept: Listed[] = [];
  let bytes = 0;
  for (const change of changes) {
    // A character has at most three bytes.
    bytes += 3 * (change.slug.length + change.file.length) + 200;
    if (bytes > WORKSPACE_LIMITS.listedBytes) break;
    kept.push(change);
  }
  return { changes: kept, unlisted: changes.length - kept.length };
}

/** What a look at a workspace found. */
export interface Look {
  /** What the workspace says it was pulled at. */
  revision: number | null;
  found: readonly { kind: ProjectKind; slug: string; file: string; hash: string }[];
  faults: readonly WorkspaceFault[];
  at: number;
}

/** Writes down what a workspace has otherwise than what was pulled. One that was looked at later stays. */
export async function recordLook(ctx: MutationCtx, session: Session, look: Look): Promise<void> {
  const row = await projectToWrite(ctx, session);
  if (row.at !== null && row.at > look.at) return;
  const place = placeOfSession(session);
  const head = await beginProject(ctx, place);
  // A workspace that goes back to an earlier turn is compared with what was pushed from it since.
  const claimed = look.revision === null ? row.base : Math.min(look.revision, head.revision);
  const base = Math.max(claimed, row.atLeast);
  const pulled = base === head.revision ? head.entries : await entriesAt(ctx, place, head.entries, base);
  const entries = pulled ?? head.entries;
  const hashes = new Map(entries.map((entry) => [nameKey(entry), entry.hash]));
  const { changes, unlisted } = listed(
    workspaceChanges(look.found, entries, head.entries, look.faults).map((one) => ({
      ...one,
      before: hashes.get(nameKey(one)) ?? null,
    })),
  );
  const wanted = new Set(changes.flatMap(({ hash }) => (hash === null ? [] : [hash])));
  await dropTexts(
    ctx,
    session._id,
    row.kept.filter((hash) => !wanted.has(hash)),
  );
  await ctx.db.patch(row._id, {
    base,
    changes,
    unlisted,
    faults: [...look.faults],
    kept: row.kept.filter((hash) => wanted.has(hash)),
    at: look.at,
    problem: null,
  });
}

/** Writes down that a look came to nothing, and leaves what was known. */
export async function recordProblem(
  ctx: MutationCtx,
  session: Session,
  { problem, at }: { problem: string; at: number },
): Promise<void> {
  const row = await projectToWrite(ctx, session);
  if (row.at === null || row.at <= at) await ctx.db.patch(row._id, { problem });
}

/** A definition as a person saw it in a workspace: its hash, or null where it is deleted there. */
export interface Seen extends ProjectName {
  seen: string | null;
}

/**
 * What is to be changed so that an environment has some of a workspace's definitions. What is so already is left out,
 * which makes a second push the same as none.
 * @throws file_changed where the workspace has something else by now
 */
export async function chosenChanges(
  ctx: QueryCtx,
  row: SessionProject,
  entries: readonly Entry[],
  chosen: readonly Seen[],
): Promise<Change[]> {
  const now = new Map(entries.map((entry) => [nameKey(entry), entry.hash]));
  const known = new Map(row.changes.map((change) => [nameKey(change), change]));
  const changes: Change[] = [];
  for (const { kind, slug, seen } of chosen) {
    const name = { kind, slug };
    if ((now.get(nameKey(name)) ?? null) === seen) continue;
    const change = known.get(nameKey(name));
    if (change?.hash !== seen) throw refuse("project_change_outdated", { name: nameText(name) });
    if (seen === null) {
      changes.push({ ...name, content: null });
      continue;
    }
    const text = await textRow(ctx, row.sessionId, seen);
    if (text?.kind !== kind || text.slug !== slug)
      throw refuse("project_change_outdated", { name: nameText(name) });
    changes.push({ ...name, content: { text: text.text, hash: text.hash, bytes: text.bytes } });
  }
  return changes;
}

/** What was pushed from a workspace is no change of it any more; it is compared with what came of the push. */
export async function afterPush(
  ctx: MutationCtx,
  row: SessionProject,
  changes: readonly Change[],
  revision: number,
): Promise<void> {
  const done = new Set(changes.map(nameKey));
  await dropTexts(
    ctx,
    row.sessionId,
    changes.flatMap(({ content }) => content?.hash ?? []),
  );
  const pushed = new Set(changes.flatMap(({ content }) => content?.hash ?? []));
  await ctx.db.patch(row._id, {
    base: revision,
    atLeast: revision,
    changes: row.changes.filter((change) => !done.has(nameKey(change))),
    kept: row.kept.filter((hash) => !pushed.has(hash)),
    pushed: { revision, at: Date.now() },
  });
}

/** One definition as a workspace, its base and its environment have it, as JSON texts; null where it is not there. */
export async function threeTexts(ctx: QueryCtx, session: Session, row: SessionProject, name: ProjectName) {
  const change = row.changes.find((one) => nameKey(one) === nameKey(name));
  if (!change) throw refuse("project_change_not_found", { name: nameText(name) });
  const place = placeOfSession(session);
  const now = await ctx.db
    .query("projectDefinitions")
    .withIndex("by_slug", (q) =>
      q
        .eq("organizationId", place.organizationId)
        .eq("environment", place.environment)
        .eq("kind", name.kind)
        .eq("slug", name.slug),
    )
    .unique();
  const text = change.hash === null ? null : await textRow(ctx, session._id, change.hash);
  return {
    file: change.file,
    base: change.before === null ? null : await textAt(ctx, place, name, row.base),
    workspace: text?.text ?? null,
    current: now?.definition ?? null,
  };
}
