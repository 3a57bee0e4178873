import { ConvexError } from "convex/values";
import { z } from "zod";
import { problemFor } from "#domain/problems.ts";
import { checkText } from "#domain/project/check.ts";
import { effectsOf } from "#domain/project/effects.ts";
import { pathText } from "#domain/project/faults.ts";
import {
  KEY_FIELDS,
  nameKey,
  nameText,
  PLURALS,
  type Project,
  PROJECT_KINDS,
  type ProjectKind,
  type ProjectName,
} from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { internal } from "../_generated/api";
import type { ActionCtx } from "../_generated/server";
import { contentOf } from "./project.ts";
import { refuse } from "./refusal.ts";
import {
  countsOf,
  type Environment,
  faultsProblem,
  json,
  ofKey,
  readProject,
  SyncRefusal,
  type SyncRequest,
  type Texts,
} from "./sync-http.ts";

const texts = z.array(z.string()).max(PROJECT_LIMITS.definitions).default([]);

const pushBody = z.strictObject({
  /** The revision that the change was made against. */
  base_revision: z.number().int().min(0),
  agents: texts,
  entityTypes: texts,
  roles: texts,
  triggers: texts,
  files: texts,
  delete: z
    .array(z.strictObject({ kind: z.enum(PROJECT_KINDS), slug: z.string().max(PROJECT_LIMITS.keyChars) }))
    .max(PROJECT_LIMITS.definitions)
    .default([]),
  /** Takes everything that another environment has in place of the lists. */
  from: z.enum(["development", "production"]).optional(),
  allow_deletions: z.boolean().default(false),
  dry_run: z.boolean().default(false),
});

type Put = ProjectName & { value: Record<string, unknown> };

/** A change that was read and checked: what to put, and what to delete. */
interface Wanted {
  puts: (Put & { text: string })[];
  deletes: ProjectName[];
}

/** Definitions as they were sent or stored, read. @throws invalid_request, with each fault's path */
function checked(given: Texts): Wanted["puts"] {
  const faults: { path: string; message: string }[] = [];
  const puts: Wanted["puts"] = [];
  for (const kind of PROJECT_KINDS)
    for (const [index, text] of given[kind].entries()) {
      const read = checkText(kind, text);
      if (read.ok) puts.push({ ...read.name, text: read.text, value: read.value });
      else {
        const at = `${PLURALS[kind]}[${read.name.slug === "" ? index : JSON.stringify(read.name.slug)}]`;
        for (const { path, message } of read.faults)
          faults.push({ path: path === "" || path.startsWith("[") ? at + path : `${at}.${path}`, message });
      }
    }
  const seen = new Set<string>();
  for (const name of puts) {
    if (seen.has(nameKey(name)))
      faults.push({
        path: `${PLURALS[name.kind]}[${JSON.stringify(name.slug)}]`,
        message: "It's there twice.",
      });
    seen.add(nameKey(name));
  }
  if (faults.length > 0) throw faultsProblem(faults);
  return puts;
}

/** Stored texts as a project; one that cannot be read counts as not there. */
function projectOf(stored: Texts): Project {
  const project = new Map<string, ProjectName & { value: Record<string, unknown> }>();
  for (const kind of PROJECT_KINDS)
    for (const text of stored[kind])
      try {
        const value = JSON.parse(text) as Record<string, unknown>;
        const slug = value[KEY_FIELDS[kind]];
        // What was stored before it was checked may not have the shape that its kind has now.
        if (typeof slug === "string" && checkText(kind, text).ok)
          project.set(nameKey({ kind, slug }), { kind, slug, value });
      } catch {
        continue;
      }
  return project;
}

/** An environment as it would be after a change. */
function afterOf(
  before: Project,
  { puts, deletes }: { puts: readonly Put[]; deletes: readonly ProjectName[] },
): Project {
  const after = new Map(before);
  for (const { kind, slug, value } of puts) after.set(nameKey({ kind, slug }), { kind, slug, value });
  for (const name of deletes) after.delete(nameKey(name));
  return after;
}

/** What a change comes to against the present state. */
async function planOf(ctx: ActionCtx, keyHash: string, { puts, deletes }: Wanted) {
  const { revision, entries } = ofKey(await ctx.runQuery(internal.sync.state, { keyHash }));
  const known = new Map(entries.map((entry) => [nameKey(entry), entry.hash]));
  const told = await Promise.all(
    puts.map(async ({ text, ...name }) => ({ ...name, content: await contentOf(text) })),
  );
  const changed = told.filter((name) => known.get(nameKey(name)) !== name.content.hash);
  const gone = deletes.filter((name) => known.has(nameKey(name)));
  const nameOf = ({ kind, slug }: ProjectName): ProjectName => ({ kind, slug });
  return {
    revision,
    changed: { puts: changed, deletes: gone },
    created: changed.filter((name) => !known.has(nameKey(name))).map(nameOf),
    updated: changed.filter((name) => known.has(nameKey(name))).map(nameOf),
    deleted: gone,
  };
}

/** Everything of another environment, as a change of the key's own: what it does not have is deleted. */
async function promotion(ctx: ActionCtx, keyHash: string, from: Environment): Promise<Wanted> {
  const [source, own] = await Promise.all([
    readProject(ctx, keyHash, from),
    ctx.runQuery(internal.sync.state, { keyHash }),
  ]);
  const puts = checked(source.texts);
  const kept = new Set(puts.map(nameKey));
  const deletes = ofKey(own).entries.filter((entry) => !kept.has(nameKey(entry)));
  return { puts, deletes: deletes.map(({ kind, slug }) => ({ kind, slug })) };
}

const MAX_TOLD_CHARS = 2_000_000;

/** A refusal that says what has changed since the base: of each definition, what it was, and what it is now. */
async function moved(ctx: ActionCtx, keyHash: string, base: number): Promise<SyncRefusal> {
  const { revision } = ofKey(await ctx.runQuery(internal.sync.state, { keyHash }));
  const found = new Map<string, ProjectName & { base: string | null; current: string | null }>();
  let chars = 0;
  let cursor: string | null = null;
  let cut = false;
  do {
    const page: { versions: Since[]; cursor: string | null } = ofKey(
      await ctx.runQuery(internal.sync.changesSince, { keyHash, revision: base, cursor }),
    );
    for (const { kind, slug, before, after } of page.versions) {
      const known = found.get(nameKey({ kind, slug }));
      found.set(nameKey({ kind, slug }), { kind, slug, base: known ? known.base : before, current: after });
      chars += (before?.length ?? 0) + (after?.length ?? 0);
    }
    ({ cursor } = page);
    cut = cursor !== null && chars > MAX_TOLD_CHARS;
  } while (cursor !== null && !cut);
  const { code, kind, params, message } = problemFor("project_moved", { base, revision });
  return new SyncRefusal(
    { code, kind, params, message },
    { revision, changes: [...found.values()].filter((one) => one.base !== one.current), complete: !cut },
  );
}

interface Since extends ProjectName {
  kind: ProjectKind;
  before: string | null;
  after: string | null;
}

const isMoved = (error: unknown) =>
  error instanceof ConvexError && JSON.stringify(error.data).includes('"project_moved"');

/** A push: a plan against the present state, then one transaction against the revision that it was made for. */
export async function push(ctx: ActionCtx, { keyHash, body, via }: SyncRequest): Promise<Response> {
  const read = pushBody.safeParse(body);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw refuse("project_body_invalid", { path: pathText(issue?.path ?? []), fault: issue?.message ?? "" });
  }
  await ctx.runQuery(internal.sync.mayPush, { keyHash });
  const { from, base_revision: base, dry_run: dryRun, ...sent } = read.data;
  const wanted: Wanted = from
    ? await promotion(ctx, keyHash, from)
    : {
        puts: checked({
          agent: sent.agents,
          entityType: sent.entityTypes,
          role: sent.roles,
          trigger: sent.triggers,
          file: sent.files,
        }),
        deletes: sent.delete,
      };
  const { revision, changed, created, updated, deleted } = await planOf(ctx, keyHash, wanted);
  const counts = countsOf(created, updated, deleted);
  if (created.length + updated.length + deleted.length === 0)
    return json(200, { success: true, revision, dry_run: dryRun, ...counts, effects: [] });
  if (revision !== base) throw await moved(ctx, keyHash, base);
  const before = projectOf((await readProject(ctx, keyHash)).texts);
  const effects = effectsOf(before, afterOf(before, changed), new Date());
  if (dryRun) return json(200, { success: true, revision, dry_run: true, ...counts, effects });
  if (deleted.length > 0 && !sent.allow_deletions)
    throw refuse("project_deletion_unasked", { names: deleted.slice(0, 20).map(nameText) });
  try {
    const done = await ctx.runMutation(internal.sync.push, {
      keyHash,
      baseRevision: base,
      changes: [
        ...changed.puts.map(({ kind, slug, content }) => ({ kind, slug, content })),
        ...changed.deletes.map(({ kind, slug }) => ({ kind, slug, content: null })),
      ],
      via,
    });
    return json(200, {
      success: true,
      revision: done.revision,
      dry_run: false,
      ...countsOf(done.created, done.updated, done.deleted),
      effects,
    });
  } catch (error) {
    // Somebody else was there between the plan and the transaction.
    throw isMoved(error) ? await moved(ctx, keyHash, base) : error;
  }
}
