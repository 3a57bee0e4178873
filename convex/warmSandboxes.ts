import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { MAX_WARM } from "#domain/capacity.ts";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { serviceMutation, serviceQuery } from "./functions.ts";
import { checkLease } from "./model/leases.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { anyoneWaits, claimWarm, heldSlots, takeRoom, waitForService, warmRows } from "./model/slots.ts";

/** How long one may take until it waits. */
const STARTING_MS = 120_000;
const warmId = v.string();

async function rowOf(ctx: QueryCtx, id: string): Promise<Doc<"warmSandboxes"> | null> {
  const found = ctx.db.normalizeId("warmSandboxes", id);
  return found && (await ctx.db.get(found));
}

const limits = { limit: v.nullable(v.number()) };

/**
 * Gives a session that is being created room, and a warm sandbox where one waits, which is its own from here on. Until
 * there is room it is told its place in the queue.
 * @param args `limit`: how many sandboxes the machine has room for, live and warm; `kind`: of warm ones, null for none
 * @throws lease_lost where another server makes this session meanwhile
 */
export const admit = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    kind: v.nullable(v.string()),
    ...limits,
  },
  returns: v.object({
    live: v.boolean(),
    /** From 1; null where there is room. */
    place: v.nullable(v.number()),
    warm: v.nullable(v.object({ sandboxId: v.string(), bridge: v.number() })),
  }),
  handler: async (ctx, { sessionId, generation, kind, limit }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    if (writer.session.status !== "provisioning") return { live: false, place: null, warm: null };
    const place = await takeRoom(writer, limit);
    const warm = place === null && kind !== null ? await claimWarm(writer, kind) : null;
    await writer.save();
    return { live: true, place, warm };
  },
});

/**
 * The sandbox service has refused to create a session's sandbox for now: the session waits in the queue again, from
 * which `admit` lets it out.
 * @throws lease_lost where another server makes this session meanwhile
 */
export const refusedByService = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), generation: v.number() },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    if (writer.session.status !== "provisioning") return;
    await waitForService(writer);
    await writer.save();
  },
});

/**
 * What is to be done about the warm sandboxes now: whether one more is to be started, which has its row then, and which
 * are to be ended, since they are old, of another kind, too many, or were never finished.
 */
export const plan = serviceMutation({
  args: { kind: v.string(), wanted: v.number(), ...limits, mayStart: v.boolean() },
  returns: v.object({
    start: v.nullable(warmId),
    end: v.array(v.object({ warmId, sandboxId: v.nullable(v.string()) })),
  }),
  handler: async (ctx, { kind, wanted, limit, mayStart }) => {
    const now = Date.now();
    const rows = await warmRows(ctx);
    const good = rows.filter((row) => row.state !== "ending" && row.kind === kind && row.until > now);
    // The oldest go first.
    const room = limit === null ? Infinity : Math.max(0, limit - (await heldSlots(ctx)).length);
    const allowed = (await anyoneWaits(ctx)) ? 0 : Math.min(wanted, MAX_WARM, room);
    const kept = good.toSorted((a, b) => b.until - a.until).slice(0, allowed);
    const end = rows.filter((row) => !kept.includes(row));
    for (const row of end) if (row.state !== "ending") await ctx.db.patch(row._id, { state: "ending" });
    const start =
      mayStart && kept.length < allowed && end.length === 0
        ? await ctx.db.insert("warmSandboxes", { kind, state: "starting", until: now + STARTING_MS })
        : null;
    return {
      start,
      end: end.map((row) => ({ warmId: row._id, sandboxId: row.sandboxId ?? null })),
    };
  },
});

/** Notes the sandbox of one that is being started. @returns false where it is no longer wanted */
export const attach = serviceMutation({
  args: { warmId, sandboxId: v.string() },
  returns: v.boolean(),
  handler: async (ctx, { warmId: id, sandboxId }) => {
    const row = await rowOf(ctx, id);
    if (!row) return false;
    await ctx.db.patch(row._id, { sandboxId });
    return row.state === "starting";
  },
});

/** From now on it can be claimed. @returns false where it is no longer wanted */
export const ready = serviceMutation({
  args: { warmId, bridge: v.number(), until: v.number() },
  returns: v.boolean(),
  handler: async (ctx, { warmId: id, bridge, until }) => {
    const row = await rowOf(ctx, id);
    if (row?.state !== "starting") return false;
    await ctx.db.patch(row._id, { state: "ready", bridge, until });
    return true;
  },
});

/**
 * Takes one out of the way, which is then to be ended; one that was claimed meanwhile is left to its session.
 * @returns false where it was claimed, or is in nobody's way already
 */
export const discard = serviceMutation({
  args: { warmId },
  returns: v.boolean(),
  handler: async (ctx, { warmId: id }) => {
    const row = await rowOf(ctx, id);
    if (!row || row.state === "ending") return false;
    await ctx.db.patch(row._id, { state: "ending" });
    return true;
  },
});

/** Its sandbox is gone. */
export const ended = serviceMutation({
  args: { warmId },
  returns: v.null(),
  handler: async (ctx, { warmId: id }) => {
    const row = await rowOf(ctx, id);
    if (row?.state === "ending") await ctx.db.delete(row._id);
  },
});

/** Those that can be claimed, with their sandboxes. */
export const waiting = serviceQuery({
  args: {},
  returns: v.array(v.object({ warmId, sandboxId: v.string() })),
  handler: async (ctx) =>
    (await warmRows(ctx)).flatMap(({ _id, state, sandboxId }) =>
      state === "ready" && sandboxId !== undefined ? [{ warmId: _id, sandboxId }] : [],
    ),
});

/** The live sessions whose sandboxes these are. A sandbox that was warm does not name its session itself. */
export const sessionsOf = serviceQuery({
  args: { sandboxIds: v.array(v.string()) },
  returns: v.array(v.object({ sandboxId: v.string(), sessionId: v.id("sandboxSessions") })),
  handler: async (ctx, { sandboxIds }) => {
    const found = [];
    for (const sandboxId of sandboxIds.slice(0, 200)) {
      const session = await ctx.db
        .query("sandboxSessions")
        .withIndex("by_sandbox", (q) => q.eq("sandboxId", sandboxId))
        .first();
      if (session && isLive(session.status)) found.push({ sandboxId, sessionId: session._id });
    }
    return found;
  },
});

/** Which of these sandboxes no live session holds, nor anybody keeps warm: nobody would end them. */
export const orphans = serviceQuery({
  args: { sandboxIds: v.array(v.string()) },
  returns: v.array(v.string()),
  handler: async (ctx, { sandboxIds }) => {
    const lost: string[] = [];
    for (const sandboxId of sandboxIds.slice(0, 200)) {
      const session = await ctx.db
        .query("sandboxSessions")
        .withIndex("by_sandbox", (q) => q.eq("sandboxId", sandboxId))
        .first();
      const warm = await ctx.db
        .query("warmSandboxes")
        .withIndex("by_sandbox", (q) => q.eq("sandboxId", sandboxId))
        .first();
      const held = session !== null && (isLive(session.status) || session.cleanupPending);
      if (!held && !warm) lost.push(sandboxId);
    }
    return lost;
  },
});
