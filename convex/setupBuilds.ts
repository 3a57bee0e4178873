import { v } from "convex/values";
import { DEADLINES } from "#domain/lifecycle.ts";
import { BUILD_CAUSES, MAX_SETUP_OUTPUT_CHARS } from "#domain/setup.ts";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { serviceMutation, serviceQuery } from "./functions.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { checkLease } from "./model/leases.ts";
import { freshRefusals, policyOf, refusedHost } from "./model/network.ts";
import { SessionWriter } from "./model/session-writer.ts";
import {
  buildsOf,
  demand,
  forgetOld,
  isUsable,
  letGo,
  missingOf,
  REPLACED,
  revokeKey,
  scriptOf,
} from "./model/setup.ts";
import { environment, lockfileHash, setupFields, storedPolicy, variableFields } from "./model/values.ts";
import { variablesOf } from "./model/variables.ts";
import { literals } from "./model/zod-validator.ts";

/** How long a build may be unheard of before another server takes it up. */
const CLAIM_MS = 60_000;
/** What a build needs beyond its script's own time. */
const AROUND_MS = 5 * 60_000;
const MAX_ERROR_CHARS = 1_000;
/** Failures of what is around a script, one after another, after which it is no longer tried by itself. */
const MAX_FAILURES = 5;
const HOUR_MS = 3_600_000;

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
    cleanupPending: true,
  });
  await revokeKey(ctx, build);
}

/**
 * Takes up a build that is due, so that no other server does.
 * @param args `snapshotId`: the name under which its snapshot will be kept; `key`: that of the project's files, hashed
 * @returns what the build needs; null where nothing is due
 */
export const claim = serviceMutation({
  args: {
    scriptId: v.id("setupScripts"),
    snapshotId: v.string(),
    template: v.string(),
    key: v.object({ hash: v.string(), last4: v.string() }),
  },
  returns: v.nullable(
    v.object({
      buildId: v.id("setupBuilds"),
      cause: literals(BUILD_CAUSES),
      environment,
      organization: v.object({ id: v.id("organizations"), slug: v.string(), name: v.string() }),
      network: storedPolicy,
      missing: v.array(v.string()),
      ...setupFields,
    }),
  ),
  handler: async (ctx, { scriptId, snapshotId, template, key }) => {
    const script = await ctx.db.get(scriptId);
    const now = Date.now();
    if (!script || script.dueAt === 0 || script.dueAt > now) return null;
    const { organizationId, environment: where, scope } = script;
    const organization = await ctx.db.get(organizationId);
    if (!organization || organization.deletedAt !== undefined) return null;
    for (const before of await runningOf(ctx, script))
      await fail(ctx, before, before.scriptVersion === script.version ? HANDED_OVER : REPLACED);
    await ctx.db.patch(scriptId, { dueAt: now + CLAIM_MS });
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
    });
    await ctx.db.insert("setupOutputs", { organizationId, buildId, text: "" });
    await ctx.db.insert("apiKeys", {
      ...key,
      organizationId,
      userId: script.userId,
      name: "Set-up",
      kind: "sync",
      scopes: [],
      environment: where,
      expiresAt: now + script.timeoutSeconds * 1_000 + AROUND_MS,
    });
    await forgetOld(ctx, script);
    return {
      buildId,
      cause: script.dueCause,
      environment: where,
      organization: { id: organizationId, slug: organization.slug, name: organization.name },
      network: await policyOf(ctx, organizationId, where),
      missing: await missingOf(ctx, script),
      script: script.script,
      lockfiles: script.lockfiles,
      requires: script.requires,
      timeoutSeconds: script.timeoutSeconds,
      rebuildHours: script.rebuildHours,
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
  args: { buildId: v.id("setupBuilds"), text: v.optional(v.string()), sandboxId: v.optional(v.string()) },
  returns: v.object({ live: v.boolean(), networkRevision: v.number() }),
  handler: async (ctx, { buildId, text, sandboxId }) => {
    const build = await ctx.db.get(buildId);
    const script = build && (await scriptOf(ctx, build));
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
      await revokeKey(ctx, build);
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
    });
    await revokeKey(ctx, build);
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

const sessionSetup = v.object({
  script: v.string(),
  lockfiles: v.array(v.string()),
  timeoutSeconds: v.number(),
  missing: v.array(v.string()),
  /** The snapshot to begin with, if there is one of this template. */
  prepared: v.nullable(
    v.object({
      buildId: v.id("setupBuilds"),
      snapshotId: v.string(),
      lockfiles: v.array(lockfileHash),
      builtAt: v.number(),
    }),
  ),
});

/**
 * How a session's sandbox is prepared; null where its place has no script. Where there is no snapshot that it can begin
 * with, one is built for the next.
 */
export const forSession = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), scope: v.string(), template: v.string() },
  returns: v.nullable(sessionSetup),
  handler: async (ctx, { sessionId, scope, template }) => {
    const session = await ctx.db.get(sessionId);
    const script = session && (await scriptOf(ctx, { ...session, scope }));
    if (!script) return null;
    const builds = await buildsOf(ctx, script);
    const found = builds.find((one) => isUsable(one, script.version) && one.template === template);
    const now = Date.now();
    if (found && now - found.usedAt > HOUR_MS) await ctx.db.patch(found._id, { usedAt: now });
    // One that failed is not tried again by each session.
    const wasTried = builds.some(
      (one) => one.template === template && one.scriptVersion === script.version && one.status !== "ready",
    );
    if (!found && !wasTried && isIdle(script)) await demand(ctx, script, "stale");
    return {
      script: script.script,
      lockfiles: script.lockfiles,
      timeoutSeconds: script.timeoutSeconds,
      missing: await missingOf(ctx, script),
      prepared: found
        ? {
            buildId: found._id,
            snapshotId: found.snapshotId!,
            lockfiles: found.lockfiles,
            builtAt: found.endedAt ?? found.startedAt,
          }
        : null,
    };
  },
});

/** No build is at work, nor to begin but by its schedule. */
const isIdle = ({ dueAt, dueCause }: Doc<"setupScripts">): boolean =>
  dueAt === 0 || (dueCause === "schedule" && dueAt > Date.now() + CLAIM_MS);

/** A snapshot is of no more use: it no longer starts, or its lockfiles have changed. Another one is built. */
export const spoiled = serviceMutation({
  args: { buildId: v.id("setupBuilds"), cause: v.union(v.literal("stale"), v.literal("broken")) },
  returns: v.null(),
  handler: async (ctx, { buildId, cause }) => {
    const build = await ctx.db.get(buildId);
    const script = build && (await scriptOf(ctx, build));
    if (!build || build.cleanupPending) return;
    await letGo(ctx, build);
    if (script && isIdle(script)) await demand(ctx, script, cause);
  },
});

async function provisioning(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  generation: number,
): Promise<SessionWriter | null> {
  const writer = await SessionWriter.open(ctx, sessionId);
  checkLease(writer.stream, generation);
  return writer.session.status === "provisioning" ? writer : null;
}

/**
 * A session's script begins: the session has its time, too.
 * @throws lease_lost where another server makes this session meanwhile
 */
export const runsInSession = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), generation: v.number(), timeoutMs: v.number() },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, generation, timeoutMs }) => {
    const writer = await provisioning(ctx, sessionId, generation);
    if (!writer) return false;
    writer.patch({ deadlineAt: writer.now + timeoutMs + DEADLINES.provisioningMs });
    await writer.save();
    return true;
  },
});

/**
 * Logs what a session's script printed, masked.
 * @throws lease_lost where another server makes this session meanwhile
 */
export const sessionOutput = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), generation: v.number(), delta: v.string() },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, generation, delta }) => {
    const writer = await provisioning(ctx, sessionId, generation);
    if (!writer) return false;
    await writer.append({
      type: "setup.output",
      source: "studio.setup",
      payload: { delta: delta.slice(0, 2 * MAX_SETUP_OUTPUT_CHARS) },
    });
    await writer.save();
    return true;
  },
});
