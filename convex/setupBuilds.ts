import { v } from "convex/values";
import { BUILD_CAUSES, MAX_SETUP_OUTPUT_CHARS } from "#domain/setup.ts";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { serviceMutation, serviceQuery } from "./functions.ts";
import { beginMeter, refuseSandbox } from "./model/metering.ts";
import { refusalWords } from "./model/refusal.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { freshRefusals, policyOf, refusedHost } from "./model/network.ts";
import {
  buildsOf,
  CLAIM_MS,
  demand,
  forgetOld,
  isUsable,
  letGo,
  REPLACED,
  projectScriptOf,
  revokeKeys,
  scriptOf,
  scriptToRun,
  toRun,
} from "./model/setup.ts";
import { environment, lockfileHash, sandboxSize, storedPolicy, variableFields } from "./model/values.ts";
import { variablesOf } from "./model/variables.ts";
import { literals } from "./model/zod-validator.ts";

/** What a build needs beyond its script's own time. */
const AROUND_MS = 5 * 60_000;
const MAX_ERROR_CHARS = 1_000;
/** Failures of what is around a script, one after another, after which it is no longer tried by itself. */
const MAX_FAILURES = 5;
const HOUR_MS = 3_600_000;
const hashedKey = v.object({ hash: v.string(), last4: v.string() });

const HANDED_OVER = "The server that ran it stopped, so it began again.";

/** The build that is at work in a place. */
const runningOf = async (ctx: MutationCtx, script: Doc<"setupScripts">) =>
  (await buildsOf(ctx, script)).filter(({ status }) => status === "running");

/** Ends a build that has no snapshot to show. What it may have begun to keep is removed. */
async function fail(ctx: MutationCtx, build: Doc<"setupBuilds">, error: string): Promise<void> {
  await ctx.db.patch(build._id, {
    status: "failed",
    endedAt: Date.now(),
    error: error.slice(0, MAX_ERROR_CHARS),
    keyHash: undefined,
    gitKeyHash: undefined,
    cleanupPending: true,
  });
  await revokeKeys(ctx, build);
}

/**
 * Puts a build off whose organization may have no more sandboxes now: it is shown as failed, with the reason, and tried
 * again in an hour.
 */
async function postponed(ctx: MutationCtx, script: Doc<"setupScripts">, template: string): Promise<boolean> {
  const { organizationId, environment: where, scope } = script;
  try {
    await refuseSandbox(ctx, organizationId);
    return false;
  } catch (refused) {
    const error = refusalWords(refused);
    if (error === undefined) throw refused;
    const now = Date.now();
    const [last] = await buildsOf(ctx, script);
    if (last?.error !== error)
      await ctx.db.insert("setupBuilds", {
        organizationId,
        environment: where,
        scope,
        scriptVersion: script.version,
        cause: script.dueCause,
        template,
        status: "failed",
        startedAt: now,
        endedAt: now,
        error,
        lockfiles: [],
        usedAt: now,
        cleanupPending: false,
      });
    await demand(ctx, script, script.dueCause, now + HOUR_MS);
    await forgetOld(ctx, script);
    return true;
  }
}

/**
 * Takes up a build that is due, so that no other server does.
 * @param args `snapshotId`: the name under which its snapshot will be kept; `key`: that of the project's files
 * @returns what the build needs; null where nothing is due
 */
export const claim = serviceMutation({
  args: {
    scriptId: v.id("setupScripts"),
    snapshotId: v.string(),
    template: v.string(),
    key: hashedKey,
    /** That of its repository's git server, hashed; not stored where it has none. */
    gitKey: hashedKey,
  },
  returns: v.nullable(
    v.object({
      buildId: v.id("setupBuilds"),
      cause: literals(BUILD_CAUSES),
      environment,
      organization: v.object({ id: v.id("organizations"), slug: v.string(), name: v.string() }),
      network: storedPolicy,
      repository: v.nullable(
        v.object({ connection: v.string(), repository: v.string(), remotePath: v.string() }),
      ),
      /** What is run, one after the other: the project's before a repository's. */
      scripts: v.array(scriptToRun),
    }),
  ),
  handler: async (ctx, { scriptId, snapshotId, template, key, gitKey }) => {
    const script = await ctx.db.get(scriptId);
    const now = Date.now();
    if (!script || script.dueAt === 0 || script.dueAt > now) return null;
    const { organizationId, environment: where, scope } = script;
    const organization = await ctx.db.get(organizationId);
    if (!organization || organization.deletedAt !== undefined) return null;
    for (const before of await runningOf(ctx, script))
      await fail(ctx, before, before.scriptVersion === script.version ? HANDED_OVER : REPLACED);
    if (await postponed(ctx, script, template)) return null;
    await ctx.db.patch(scriptId, { dueAt: now + CLAIM_MS });
    const { repository = null } = script;
    const scripts = [await projectScriptOf(ctx, script), script].filter((one) => one !== null);
    const timeoutMs = scripts.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds * 1_000, AROUND_MS);
    const buildId = await ctx.db.insert("setupBuilds", {
      organizationId,
      environment: where,
      scope,
      scriptVersion: script.version,
      cause: script.dueCause,
      template,
      status: "running",
      startedAt: now,
      snapshotId,
      lockfiles: [],
      usedAt: now,
      cleanupPending: false,
      keyHash: key.hash,
      ...(repository && { gitKeyHash: gitKey.hash }),
    });
    await ctx.db.insert("setupOutputs", { organizationId, buildId, text: "" });
    const shared = {
      organizationId,
      userId: script.userId,
      name: "Set-up",
      scopes: [],
      environment: where,
      expiresAt: now + timeoutMs,
    };
    await ctx.db.insert("apiKeys", { ...shared, ...key, kind: "sync" });
    if (repository) await ctx.db.insert("apiKeys", { ...shared, ...gitKey, kind: "git", buildId });
    await forgetOld(ctx, script);
    return {
      buildId,
      cause: script.dueCause,
      environment: where,
      organization: { id: organizationId, slug: organization.slug, name: organization.name },
      network: await policyOf(ctx, organizationId, where),
      repository,
      scripts: await Promise.all(scripts.map(async (one) => await toRun(ctx, one))),
    };
  },
});

/** The variables of a build's environment, sealed, for the server that has claimed it. */
export const variables = serviceQuery({
  args: { buildId: v.id("setupBuilds") },
  returns: v.object({
    organizationId: v.nullable(v.id("organizations")),
    dataKey: v.nullable(dataKey),
    variables: v.array(v.object({ ...variableFields, ciphertext: v.string(), version: v.number() })),
  }),
  handler: async (ctx, { buildId }) => {
    const build = await ctx.db.get(buildId);
    if (build?.status !== "running") return { organizationId: null, dataKey: null, variables: [] };
    const { organizationId } = build;
    return {
      organizationId,
      dataKey: await dataKeyOf(ctx, organizationId),
      variables: await variablesOf(ctx, organizationId, build.environment),
    };
  },
});

/**
 * A build is at work: it is nobody else's for a while, and what it printed meanwhile is stored.
 * @returns whether it is still wanted, and which network policy holds now
 */
export const progress = serviceMutation({
  args: {
    buildId: v.id("setupBuilds"),
    text: v.optional(v.string()),
    /** Its sandbox, once there is one, and what that takes of its machine. */
    sandboxId: v.optional(v.string()),
    size: v.optional(sandboxSize),
  },
  returns: v.object({ live: v.boolean(), networkRevision: v.number() }),
  handler: async (ctx, { buildId, text, sandboxId, size }) => {
    const build = await ctx.db.get(buildId);
    const script = build && (await scriptOf(ctx, build));
    // It runs, whether the build is still wanted or not.
    if (build && sandboxId !== undefined) {
      const { organizationId } = build;
      await beginMeter(ctx, { organizationId, ...(script && { userId: script.userId }), sandboxId }, size);
    }
    if (build?.status !== "running" || script?.version !== build.scriptVersion)
      return { live: false, networkRevision: 0 };
    await ctx.db.patch(script._id, { dueAt: Date.now() + CLAIM_MS });
    if (sandboxId !== undefined && build.sandboxId !== sandboxId) await ctx.db.patch(buildId, { sandboxId });
    if (text !== undefined) {
      const stored = await ctx.db
        .query("setupOutputs")
        .withIndex("by_build", (q) => q.eq("buildId", buildId))
        .unique();
      if (stored && stored.text !== text)
        await ctx.db.patch(stored._id, { text: text.slice(0, 2 * MAX_SETUP_OUTPUT_CHARS) });
    }
    const { revision } = await policyOf(ctx, build.organizationId, build.environment);
    return { live: true, networkRevision: revision };
  },
});

/** Hosts of one build that are kept. */
const MAX_BUILD_REFUSALS = 20;

/** Notes what the sandboxes of builds were refused, each destination once; other sandboxes are passed over. */
export const refused = serviceMutation({
  args: { refusals: v.array(v.object({ sandboxId: v.string(), refused: v.array(refusedHost) })) },
  returns: v.null(),
  handler: async (ctx, { refusals }) => {
    for (const { sandboxId, refused } of refusals.slice(0, 200)) {
      const build = await ctx.db
        .query("setupBuilds")
        .withIndex("by_sandbox", (q) => q.eq("sandboxId", sandboxId))
        .first();
      const known = build?.refused ?? [];
      const fresh = freshRefusals(known, refused, MAX_BUILD_REFUSALS);
      if (build && fresh.length > 0) await ctx.db.patch(build._id, { refused: [...known, ...fresh] });
    }
  },
});

/** When a script's next build is due by itself, after one that has ended now. */
const nextOf = ({ rebuildHours }: Doc<"setupScripts">): number =>
  rebuildHours === null ? 0 : Date.now() + rebuildHours * HOUR_MS;

/**
 * A build has ended.
 * @param args `again`: it did not fail by itself, and is tried again after so long
 * @returns whether its snapshot is kept: it may have been replaced meanwhile, or its script removed
 */
export const finish = serviceMutation({
  args: {
    buildId: v.id("setupBuilds"),
    result: v.union(
      v.object({
        status: v.literal("ready"),
        snapshotId: v.string(),
        lockfiles: v.array(lockfileHash),
        /** The ref of its repository that it was made of. */
        ref: v.optional(v.string()),
      }),
      v.object({
        status: v.literal("failed"),
        error: v.string(),
        again: v.optional(v.object({ cause: literals(BUILD_CAUSES), delayMs: v.number() })),
      }),
    ),
  },
  returns: v.boolean(),
  handler: async (ctx, { buildId, result }) => {
    const build = await ctx.db.get(buildId);
    if (!build) return false;
    // Told again, as after an answer that was lost: what is stored counts.
    if (build.status === "ready") return !build.cleanupPending;
    const script = await scriptOf(ctx, build);
    const isWanted = build.status === "running" && script?.version === build.scriptVersion;
    if (!isWanted) {
      // Its row reminds of what the sandbox service may keep of it.
      const snapshotId = result.status === "ready" ? result.snapshotId : build.snapshotId;
      await ctx.db.patch(buildId, { snapshotId, cleanupPending: true });
      await revokeKeys(ctx, build);
      if (build.status === "running") await fail(ctx, build, REPLACED);
      return false;
    }
    const others = (await buildsOf(ctx, build)).filter(({ _id }) => _id !== buildId);
    if (result.status === "failed") {
      await fail(ctx, build, result.error);
      const lately = others.slice(0, MAX_FAILURES - 1);
      const isHopeless =
        lately.length === MAX_FAILURES - 1 &&
        lately.every((one) => one.status === "failed" && one.scriptVersion === build.scriptVersion);
      if (result.again && !isHopeless)
        await demand(ctx, script, result.again.cause, Date.now() + result.again.delayMs);
      else await demand(ctx, script, "schedule", nextOf(script));
      return false;
    }
    const now = Date.now();
    // What nobody has used for long is not kept for being built again.
    const last = others.find((one) => isUsable(one, script.version));
    await ctx.db.patch(buildId, {
      status: "ready",
      endedAt: now,
      snapshotId: result.snapshotId,
      lockfiles: result.lockfiles,
      usedAt: build.cause === "schedule" && last ? last.usedAt : now,
      keyHash: undefined,
      gitKeyHash: undefined,
      ...(result.ref !== undefined && { ref: result.ref }),
    });
    await revokeKeys(ctx, build);
    for (const one of others) await letGo(ctx, one);
    await demand(ctx, script, "schedule", nextOf(script));
    return true;
  },
});

/** The sandbox service no longer keeps a build's snapshot. */
export const removed = serviceMutation({
  args: { buildId: v.id("setupBuilds") },
  returns: v.null(),
  handler: async (ctx, { buildId }) => {
    const build = await ctx.db.get(buildId);
    if (!build?.cleanupPending) return;
    await ctx.db.patch(buildId, { snapshotId: undefined, cleanupPending: false });
    await forgetOld(ctx, build);
  },
});
