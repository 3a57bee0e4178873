import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import {
  BUILD_CAUSES,
  BUILD_STATUSES,
  PROJECT_SCOPE,
  repositoryOfScope,
  repositoryScope,
} from "#domain/setup.ts";
import { isReservedVariable } from "#domain/variables.ts";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { orgMutation, orgQuery, refuse } from "./functions.ts";
import { refusedHost } from "./model/network.ts";
import { mayUse } from "./model/sessions.ts";
import { allowedRepository } from "./model/git.ts";
import {
  buildsOf,
  demand,
  isUsable,
  letGo,
  MAX_SCRIPTS,
  missingOf,
  projectScriptChanged,
  type SetupPlace,
  scriptOf,
} from "./model/setup.ts";
import { environment, setupFields } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

const place = { environment, scope: v.string() };
const shownBuild = v.object({
  id: v.id("setupBuilds"),
  status: literals(BUILD_STATUSES),
  cause: literals(BUILD_CAUSES),
  startedAt: v.number(),
  endedAt: v.nullable(v.number()),
  error: v.nullable(v.string()),
  /** Hosts that the network policy kept from its script. */
  refused: v.array(refusedHost),
});
const shownScript = v.object({
  ...place,
  ...setupFields,
  version: v.number(),
  updatedAt: v.number(),
  /** Variables that it needs and nobody has set. */
  missing: v.array(v.string()),
  /** The build that began last. */
  build: v.nullable(shownBuild),
  /** True where one is to begin. */
  waiting: v.boolean(),
  /** Since when there is a snapshot that new sandboxes begin with; null where there is none. */
  preparedAt: v.nullable(v.number()),
});

async function shown(ctx: QueryCtx, row: Doc<"setupScripts">): Promise<typeof shownScript.type> {
  const builds = await buildsOf(ctx, row, 10);
  const [last] = builds;
  const usable = builds.find((build) => isUsable(build, row.version));
  return {
    environment: row.environment,
    scope: row.scope,
    script: row.script,
    lockfiles: row.lockfiles,
    requires: row.requires,
    timeoutSeconds: row.timeoutSeconds,
    rebuildHours: row.rebuildHours,
    version: row.version,
    updatedAt: row.updatedAt,
    missing: await missingOf(ctx, row),
    build: last
      ? {
          id: last._id,
          status: last.status,
          cause: last.cause,
          startedAt: last.startedAt,
          endedAt: last.endedAt ?? null,
          error: last.error ?? null,
          refused: last.refused ?? [],
        }
      : null,
    waiting: row.dueAt > 0 && row.dueCause !== "schedule" && last?.status !== "running",
    preparedAt: usable?.endedAt ?? null,
  };
}

const scriptsOf = async (ctx: QueryCtx, organizationId: Id<"organizations">) =>
  await ctx.db
    .query("setupScripts")
    .withIndex("by_place", (q) => q.eq("organizationId", organizationId))
    .take(MAX_SCRIPTS);

/** The organization's set-up scripts, each with its last build. */
export const list = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.array(shownScript),
  handler: async (ctx) => {
    const rows = await scriptsOf(ctx, ctx.caller.organizationId);
    return await Promise.all(rows.map(async (row) => await shown(ctx, row)));
  },
});

/** What the last build of a place printed, masked; null where there is none. */
export const output = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: place,
  returns: v.nullable(v.object({ buildId: v.id("setupBuilds"), text: v.string() })),
  handler: async (ctx, at) => {
    const [build] = await buildsOf(ctx, { ...at, organizationId: ctx.caller.organizationId }, 1);
    if (!build) return null;
    const found = await ctx.db
      .query("setupOutputs")
      .withIndex("by_build", (q) => q.eq("buildId", build._id))
      .unique();
    return { buildId: build._id, text: found?.text ?? "" };
  },
});

/** What the audit log keeps of a script. */
const audited = (row: typeof savedFields.type) => ({
  script: row.script,
  lockfiles: row.lockfiles,
  requires: row.requires,
  timeout_seconds: row.timeoutSeconds,
  rebuild_hours: row.rebuildHours,
});
const savedFields = v.object(setupFields);
const targetOf = ({ environment: where, scope }: { environment: string; scope: string }) =>
  scope === PROJECT_SCOPE ? `set-up (${where})` : `set-up of ${scope} (${where})`;

/**
 * The place that somebody names, and the repository that its scope means.
 * @throws invalid_request | not_found | forbidden where there can be no script for it
 */
async function newPlace(ctx: MutationCtx, { organizationId, scope, ...at }: SetupPlace) {
  if (scope === PROJECT_SCOPE) return { organizationId, scope, ...at };
  const named = repositoryOfScope(scope);
  if (!named) throw refuse("setup_scope_unknown", { scope });
  const { connection, repository, remotePath } = await allowedRepository(ctx, organizationId, {
    connection: named.connection,
    url: named.repository,
  });
  return {
    organizationId,
    ...at,
    scope: repositoryScope(connection, repository),
    repository: { connection: connection.slug, repository, remotePath },
  };
}

/**
 * Saves a place's script, and has its snapshot built.
 * @param args `basedOn`: the version that the change is based on; where another one is in place, nothing is saved
 * @throws invalid_request | forbidden
 */
export const save = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: {
    script: LIMITS.setupScript,
    lockfiles: LIMITS.setupLockfiles,
    requires: LIMITS.setupVariables,
    timeoutSeconds: LIMITS.setupSeconds,
    rebuildHours: LIMITS.setupHours,
    scope: LIMITS.setupScope,
  },
  args: { ...place, ...setupFields, basedOn: v.optional(v.number()) },
  returns: shownScript,
  handler: async (ctx, { basedOn, environment: where, scope, ...fields }) => {
    const { organizationId, user } = ctx.caller;
    mayUse(ctx.caller, where);
    const reserved = fields.requires.find(isReservedVariable);
    if (reserved !== undefined) throw refuse("setup_variable_reserved", { name: reserved });
    const asked = { organizationId, environment: where, scope };
    // One that is there may be changed although its connection is gone meanwhile.
    const known = await scriptOf(ctx, asked);
    const at = known ? asked : await newPlace(ctx, asked);
    const before = known ?? (await scriptOf(ctx, at));
    if (!before && (await scriptsOf(ctx, organizationId)).length >= MAX_SCRIPTS)
      throw refuse("setup_limit", { limit: MAX_SCRIPTS });
    if (basedOn !== undefined && basedOn !== (before?.version ?? 0)) throw refuse("setup_changed");
    const wanted = {
      ...fields,
      lockfiles: [...new Set(fields.lockfiles)],
      requires: [...new Set(fields.requires)],
    };
    if (before && JSON.stringify(audited(before)) === JSON.stringify(audited(wanted))) {
      await ctx.report(null);
      return await shown(ctx, before);
    }
    // How often it is built again changes nothing of what is in a snapshot.
    const isSame =
      before !== null &&
      JSON.stringify({ ...audited(before), rebuild_hours: null }) ===
        JSON.stringify({ ...audited(wanted), rebuild_hours: null });
    const row = {
      ...at,
      ...(before?.repository && { repository: before.repository }),
      ...wanted,
      version: (before?.version ?? 0) + (isSame ? 0 : 1),
      userId: user._id,
      updatedAt: Date.now(),
      dueAt: Date.now(),
      dueCause: isSame ? ("schedule" as const) : ("changed" as const),
    };
    if (isSame) row.dueAt = nextBuild(before, wanted.rebuildHours);
    if (before) await ctx.db.replace(before._id, row);
    else await ctx.db.insert("setupScripts", row);
    if (!isSame) {
      for (const build of await buildsOf(ctx, at)) await letGo(ctx, build);
      if (at.scope === PROJECT_SCOPE) await projectScriptChanged(ctx, at);
    }
    await ctx.report({
      action: "setup.changed",
      target: targetOf(at),
      ...(before && { before: audited(before) }),
      after: audited(wanted),
    });
    return await shown(ctx, (await scriptOf(ctx, at))!);
  },
});

/** When the next build is due: one that is due for another reason stays so. */
function nextBuild(before: Doc<"setupScripts">, rebuildHours: number | null): number {
  if (before.dueAt > 0 && before.dueCause !== "schedule") return before.dueAt;
  return rebuildHours === null ? 0 : Date.now() + rebuildHours * 3_600_000;
}

/** Removes a place's script and its snapshot. @throws not_found */
export const remove = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: place,
  returns: v.null(),
  handler: async (ctx, at) => {
    mayUse(ctx.caller, at.environment);
    const whole = { ...at, organizationId: ctx.caller.organizationId };
    const row = await scriptOf(ctx, whole);
    if (!row) throw refuse("setup_not_found");
    await ctx.db.delete(row._id);
    for (const build of await buildsOf(ctx, whole)) await letGo(ctx, build);
    if (at.scope === PROJECT_SCOPE) await projectScriptChanged(ctx, whole);
    await ctx.report({ action: "setup.removed", target: targetOf(at), before: audited(row) });
  },
});

/**
 * Has a place's snapshot built again; sessions begin with the one before until then. One that is at work, or is to begin,
 * is enough.
 * @throws not_found
 */
export const rebuild = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: place,
  returns: shownScript,
  handler: async (ctx, at) => {
    mayUse(ctx.caller, at.environment);
    const whole = { ...at, organizationId: ctx.caller.organizationId };
    const row = await scriptOf(ctx, whole);
    if (!row) throw refuse("setup_not_found");
    const [last] = await buildsOf(ctx, whole, 1);
    const isUnderWay = last?.status === "running" || (row.dueAt > 0 && row.dueAt <= Date.now());
    if (isUnderWay) await ctx.report(null);
    else {
      await demand(ctx, row, "manual");
      await ctx.report({ action: "setup.rebuilt", target: targetOf(at) });
    }
    return await shown(ctx, (await scriptOf(ctx, whole))!);
  },
});
