import { v } from "convex/values";
import { DEADLINES } from "#domain/lifecycle.ts";
import { MAX_SETUP_OUTPUT_CHARS } from "#domain/setup.ts";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { serviceMutation } from "./functions.ts";
import { checkLease } from "./model/leases.ts";
import { SessionWriter } from "./model/session-writer.ts";
import {
  buildsOf,
  CLAIM_MS,
  demand,
  letGo,
  folderOfScript,
  scriptOf,
  scriptsOf,
  scriptToRun,
  snapshotFor,
  toRun,
} from "./model/setup.ts";
import { lockfileHash } from "./model/values.ts";

/** How exactly it is known when a snapshot was used last. */
const HOUR_MS = 3_600_000;

const sessionSetup = v.object({
  /** What prepares it, one after the other: the project's before its repository's. */
  scripts: v.array(scriptToRun),
  /** The snapshot to begin with, if there is one of this template. */
  prepared: v.nullable(
    v.object({
      buildId: v.id("setupBuilds"),
      snapshotId: v.string(),
      lockfiles: v.array(lockfileHash),
      builtAt: v.number(),
      /** How many of the scripts it holds the result of. */
      covers: v.number(),
      /** Whether it was made of the ref that the session's repository begins from. */
      isOfBase: v.boolean(),
    }),
  ),
});

/**
 * How a session's sandbox is prepared; null where its places have no script. It begins with the snapshot that holds most
 * of it; where there is none of its last script, one is built for the next.
 */
export const forSession = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), template: v.string() },
  returns: v.nullable(sessionSetup),
  handler: async (ctx, { sessionId, template }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) return null;
    const all = await scriptsOf(ctx, session);
    const last = all.at(-1);
    if (!last) return null;
    const snapshot = await snapshotFor(ctx, all, template);
    // Of a repository that was named in capitals once, and in small letters now, the folder is another one.
    if (snapshot?.covers !== all.length && last.folder === folderOfScript(last.script)) {
      // One that failed is not tried again by each session.
      const wasTried = (await buildsOf(ctx, last.script)).some(
        (one) =>
          one.template === template && one.scriptVersion === last.script.version && one.status !== "ready",
      );
      if (!wasTried && isIdle(last.script)) await demand(ctx, last.script, "stale");
    }
    const { found, covers } = snapshot ?? { found: undefined, covers: 0 };
    const now = Date.now();
    if (found && now - found.usedAt > HOUR_MS) await ctx.db.patch(found._id, { usedAt: now });
    return {
      scripts: await Promise.all(
        all.map(async ({ script, folder }) => ({ ...(await toRun(ctx, script)), folder })),
      ),
      prepared: found
        ? {
            buildId: found._id,
            snapshotId: found.snapshotId!,
            lockfiles: found.lockfiles,
            builtAt: found.endedAt ?? found.startedAt,
            covers,
            isOfBase: found.ref !== undefined && found.ref === last.ref,
          }
        : null,
    };
  },
});

/** No build is at work, nor to begin but by its schedule. */
const isIdle = ({ dueAt, dueCause }: Doc<"setupScripts">): boolean =>
  dueAt === 0 || (dueCause === "schedule" && dueAt > Date.now() + CLAIM_MS);

/**
 * A snapshot no longer starts, or its lockfiles have changed. Another one is built.
 * @param args `isUsable`: sessions begin with it until then
 */
export const spoiled = serviceMutation({
  args: {
    buildId: v.id("setupBuilds"),
    cause: v.union(v.literal("stale"), v.literal("broken")),
    isUsable: v.boolean(),
  },
  returns: v.null(),
  handler: async (ctx, { buildId, cause, isUsable: isKept }) => {
    const build = await ctx.db.get(buildId);
    const script = build && (await scriptOf(ctx, build));
    if (!build || build.cleanupPending) return;
    if (!isKept) await letGo(ctx, build);
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
