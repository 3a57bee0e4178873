import { v } from "convex/values";
import type { Environment } from "#domain/catalog.ts";
import { folderOf } from "#domain/git.ts";
import { type BuildCause, PROJECT_SCOPE, repositoryScope } from "#domain/setup.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { connectionOf, repositoriesOf } from "./git.ts";
import { variablesOf } from "./variables.ts";

/** One place that a script prepares: an environment's project, or a repository beside it. */
export interface SetupPlace {
  organizationId: Id<"organizations">;
  environment: Environment;
  scope: string;
}

/** How long a build may be unheard of before another server takes it up. */
export const CLAIM_MS = 60_000;
/** Scripts of an organization. */
export const MAX_SCRIPTS = 100;
/** Builds of a place that are kept, and how many there can be while old ones still have a snapshot to be removed. */
const KEPT_BUILDS = 5;
const MAX_BUILDS = 100;

/** The script of a place, if there is one. */
export async function scriptOf(
  ctx: QueryCtx | MutationCtx,
  place: SetupPlace,
): Promise<Doc<"setupScripts"> | null> {
  return await ctx.db
    .query("setupScripts")
    .withIndex("by_place", (q) =>
      q
        .eq("organizationId", place.organizationId)
        .eq("environment", place.environment)
        .eq("scope", place.scope),
    )
    .unique();
}

/** The builds of a place, the latest first. */
export async function buildsOf(
  ctx: QueryCtx | MutationCtx,
  place: SetupPlace,
  limit = MAX_BUILDS,
): Promise<Doc<"setupBuilds">[]> {
  return await ctx.db
    .query("setupBuilds")
    .withIndex("by_place", (q) =>
      q
        .eq("organizationId", place.organizationId)
        .eq("environment", place.environment)
        .eq("scope", place.scope),
    )
    .order("desc")
    .take(limit);
}

/** Whether new sandboxes can begin with a build's snapshot, as far as its rows tell. */
export const isUsable = (build: Doc<"setupBuilds">, version: number): boolean =>
  build.status === "ready" &&
  !build.cleanupPending &&
  build.snapshotId !== undefined &&
  build.scriptVersion === version;

/** Which of the variables that a script needs its environment does not have. */
export async function missingOf(
  ctx: QueryCtx | MutationCtx,
  { organizationId, environment, requires }: Doc<"setupScripts">,
): Promise<string[]> {
  if (requires.length === 0) return [];
  const known = new Set(
    (await variablesOf(ctx, organizationId, environment))
      // A terminal's own are in no script's environment.
      .filter(({ reach }) => reach !== "terminals")
      .map(({ name }) => name),
  );
  return requires.filter((name) => !known.has(name));
}

/** Has a snapshot built again. */
export async function demand(
  ctx: MutationCtx,
  script: Doc<"setupScripts">,
  dueCause: BuildCause,
  dueAt = Date.now(),
): Promise<void> {
  await ctx.db.patch(script._id, { dueAt, dueCause });
}

/** Why a build was ended whose script is another one by now. */
export const REPLACED = "The script was changed meanwhile.";

/** Lets go of a build and its snapshot: no session begins with it from now on, and a sweep removes it. */
export async function letGo(ctx: MutationCtx, build: Doc<"setupBuilds">): Promise<void> {
  if (build.status === "running")
    await ctx.db.patch(build._id, { status: "failed", endedAt: Date.now(), error: REPLACED });
  if (build.snapshotId !== undefined && !build.cleanupPending)
    await ctx.db.patch(build._id, { cleanupPending: true });
}

async function forget(ctx: MutationCtx, build: Doc<"setupBuilds">): Promise<void> {
  const outputs = await ctx.db
    .query("setupOutputs")
    .withIndex("by_build", (q) => q.eq("buildId", build._id))
    .take(2);
  for (const { _id } of outputs) await ctx.db.delete(_id);
  await ctx.db.delete(build._id);
}

/** Forgets the older builds of a place that have nothing left to be removed. */
export async function forgetOld(ctx: MutationCtx, place: SetupPlace): Promise<void> {
  const old = (await buildsOf(ctx, place)).slice(KEPT_BUILDS);
  for (const build of old)
    if (build.snapshotId === undefined && build.status !== "running") await forget(ctx, build);
}

/** How long a snapshot is kept that no session begins with. */
const UNUSED_MS = 30 * 24 * 3_600_000;
const UNUSED_STEP = 50;

/** Lets go of some snapshots that nobody has used for long. @returns whether there may be more */
export async function letGoOfUnused(ctx: MutationCtx, now: number): Promise<boolean> {
  const rows = await ctx.db
    .query("setupBuilds")
    .withIndex("by_status_used", (q) =>
      q
        .eq("status", "ready")
        .gt("usedAt", 0)
        .lt("usedAt", now - UNUSED_MS),
    )
    .take(UNUSED_STEP);
  for (const build of rows) {
    await letGo(ctx, build);
    await ctx.db.patch(build._id, { usedAt: 0 });
    const script = await scriptOf(ctx, build);
    if (script?.dueCause === "schedule") await ctx.db.patch(script._id, { dueAt: 0 });
  }
  return rows.length === UNUSED_STEP;
}

/** Ends a build's keys of the project and its repository. */
export async function revokeKeys(
  ctx: MutationCtx,
  { keyHash, gitKeyHash }: Doc<"setupBuilds">,
): Promise<void> {
  for (const hash of [keyHash, gitKeyHash]) {
    if (hash === undefined) continue;
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (key) await ctx.db.delete(key._id);
  }
}

/** The script of the project beside a repository's, which runs before it; null for the project's own. */
export async function projectScriptOf(
  ctx: QueryCtx | MutationCtx,
  place: SetupPlace,
): Promise<Doc<"setupScripts"> | null> {
  return place.scope === PROJECT_SCOPE ? null : await scriptOf(ctx, { ...place, scope: PROJECT_SCOPE });
}

/** What a place's scripts are for the server that runs them, in their order. */
export const scriptToRun = v.object({
  /** The folder of its repository; null for the project's, which runs in the workspace. */
  folder: v.nullable(v.string()),
  script: v.string(),
  lockfiles: v.array(v.string()),
  timeoutSeconds: v.number(),
  missing: v.array(v.string()),
});

/** The folder of a script's repository; null for the project's. */
export const folderOfScript = ({ repository }: Doc<"setupScripts">): string | null =>
  repository ? folderOf(repository.repository) : null;

/** The same of one row. */
export async function toRun(
  ctx: QueryCtx | MutationCtx,
  row: Doc<"setupScripts">,
): Promise<typeof scriptToRun.type> {
  return {
    folder: folderOfScript(row),
    script: row.script,
    lockfiles: row.lockfiles,
    timeoutSeconds: row.timeoutSeconds,
    missing: await missingOf(ctx, row),
  };
}

/** The project's script has changed: what repositories' scripts have made stands on it, and is built again. */
export async function projectScriptChanged(ctx: MutationCtx, place: SetupPlace): Promise<void> {
  const rows = await ctx.db
    .query("setupScripts")
    .withIndex("by_place", (q) =>
      q.eq("organizationId", place.organizationId).eq("environment", place.environment),
    )
    .take(MAX_SCRIPTS);
  for (const row of rows.filter(({ scope }) => scope !== PROJECT_SCOPE)) {
    await ctx.db.patch(row._id, { version: row.version + 1, dueAt: Date.now(), dueCause: "changed" });
    for (const build of await buildsOf(ctx, row)) await letGo(ctx, build);
  }
}

/** A script that prepares a session, with its folder of the workspace, and the ref of its repository. */
interface PlacedScript {
  script: Doc<"setupScripts">;
  folder: string | null;
  ref: string | null;
}

/** The scripts that prepare a session, in their order, each with its folder of the workspace. */
export async function scriptsOf(
  ctx: QueryCtx | MutationCtx,
  session: Pick<Doc<"sandboxSessions">, "_id" | "organizationId" | "environment">,
): Promise<PlacedScript[]> {
  const { organizationId, environment: where, _id } = session;
  const [first] = await repositoriesOf(ctx, _id);
  const connection = first && (await connectionOf(ctx, organizationId, first.connection));
  const places = [
    { scope: PROJECT_SCOPE, folder: null, ref: null },
    ...(connection
      ? [{ scope: repositoryScope(connection, first.repository), folder: first.folder, ref: first.base.ref }]
      : []),
  ];
  const found: PlacedScript[] = [];
  for (const { scope, ...more } of places) {
    const script = await scriptOf(ctx, { organizationId, environment: where, scope });
    if (script) found.push({ script, ...more });
  }
  return found;
}

/** The snapshot of a template that a session of these scripts begins with: of the last one that has one; null for none. */
export async function snapshotFor(
  ctx: QueryCtx | MutationCtx,
  all: readonly PlacedScript[],
  template: string,
): Promise<{ found: Doc<"setupBuilds">; covers: number } | null> {
  for (const [index, { script, folder }] of [...all.entries()].toReversed()) {
    if (folder !== folderOfScript(script)) continue;
    const builds = await buildsOf(ctx, script);
    const found = builds.find((one) => isUsable(one, script.version) && one.template === template);
    if (found) return { found, covers: index + 1 };
  }
  return null;
}
