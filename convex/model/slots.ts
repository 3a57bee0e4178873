import { DEADLINES } from "#domain/lifecycle.ts";
import { queueOrder } from "#domain/capacity.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { NO_TERMS, termsOf } from "./metering.ts";
import { takeUpTo } from "./paging.ts";
import type { SessionWriter } from "./session-writer.ts";
import { slotOf } from "./slot-rows.ts";

/** More than one machine has room for. */
export const MAX_SLOTS = 1_000;
/** Of those that wait, so many are looked at; who is behind them has no place yet. */
const MAX_WAITING = 1_000;
/** Warm sandboxes are few. */
const MAX_WARM_ROWS = 100;
/** One that is about to be ended is no longer claimed. */
const CLAIM_MARGIN_MS = 30_000;

type Slot = Doc<"sandboxSlots">;

const slotsIn = async (ctx: QueryCtx, state: Slot["state"], rows: number): Promise<Slot[]> =>
  await takeUpTo(
    ctx.db.query("sandboxSlots").withIndex("by_state", (q) => q.eq("state", state)),
    { rows },
  );

export const heldSlots = async (ctx: QueryCtx): Promise<Slot[]> => await slotsIn(ctx, "held", MAX_SLOTS);

/** True where a session waits for room. */
export const anyoneWaits = async (ctx: QueryCtx): Promise<boolean> =>
  (await slotsIn(ctx, "waiting", 1)).length > 0;

/** Warm sandboxes that take memory, or are about to. */
export async function warmRows(ctx: QueryCtx): Promise<Doc<"warmSandboxes">[]> {
  const states = ["starting", "ready", "ending"] as const;
  const found = await Promise.all(
    states.map(
      async (state) =>
        await takeUpTo(
          ctx.db.query("warmSandboxes").withIndex("by_state", (q) => q.eq("state", state)),
          { rows: MAX_WARM_ROWS },
        ),
    ),
  );
  return found.flat();
}

/** How long the sandbox service is not asked again once it has refused one more sandbox; doubled with each refusal. */
const FULL_MS = { first: 5_000, most: 60_000 };
/** How far apart it is asked while sessions wait for it: it may take one creation a second. */
const PACE_MS = 1_000;

/** Whether the sandbox service takes one more sandbox, as far as is known; while sessions wait, each asks in its turn. */
async function serviceTakes(ctx: MutationCtx, now: number, place: number): Promise<boolean> {
  const terms = await termsOf(ctx);
  if (terms?.fullUntil === undefined) return true;
  // One that lies further ahead than any can is of before the clock was set back.
  if (place > 1 || (terms.fullUntil > now && terms.fullUntil <= now + FULL_MS.most)) return false;
  const waiting = await slotsIn(ctx, "waiting", 2);
  await ctx.db.patch(terms._id, { fullUntil: waiting.length > 1 ? now + PACE_MS : undefined });
  return true;
}

/**
 * The sandbox service has refused to create a session's sandbox, since it has as many as it takes, or too many were
 * asked for at once: the session waits for its turn again, and nobody asks for a while.
 */
export async function waitForService(writer: SessionWriter): Promise<void> {
  const { ctx, session, now } = writer;
  const { _id: sessionId, organizationId } = session;
  const terms = await termsOf(ctx);
  const fullForMs = Math.min(FULL_MS.most, terms?.fullForMs ? 2 * terms.fullForMs : FULL_MS.first);
  const full = { fullUntil: now + fullForMs, fullForMs };
  if (terms) await ctx.db.patch(terms._id, full);
  else await ctx.db.insert("sandboxTerms", { ...NO_TERMS, ...full });
  const own = await slotOf(ctx, sessionId);
  if (own) await ctx.db.patch(own._id, { state: "waiting" });
  else await ctx.db.insert("sandboxSlots", { sessionId, organizationId, since: now, state: "waiting" });
  // However often it is refused, it waits no longer in all.
  writer.patch({ deadlineAt: (own?.since ?? now) + DEADLINES.queueMs });
  const waiting = await slotsIn(ctx, "waiting", MAX_WAITING);
  const order = queueOrder(waiting, await heldSlots(ctx));
  await writer.wait("capacity", undefined, order.findIndex((one) => one.sessionId === sessionId) + 1);
}

/** The sandbox service has created one: what it had refused before counts no more. */
export async function serviceTook(ctx: MutationCtx): Promise<void> {
  const terms = await termsOf(ctx);
  if (terms?.fullForMs !== undefined) await ctx.db.patch(terms._id, { fullForMs: undefined });
}

/**
 * Gives a session room for its sandbox, or its place among those who wait for some.
 * @param limit how many sandboxes there may be, live and warm together; null where nothing bounds them
 * @returns its place from 1; null where it has room
 */
export async function takeRoom(writer: SessionWriter, limit: number | null): Promise<number | null> {
  const { ctx, session, now } = writer;
  const { _id: sessionId, organizationId } = session;
  const own = await slotOf(ctx, sessionId);
  if (own?.state === "held") return null;
  if (limit === null && !own && !(await anyoneWaits(ctx))) return null;
  const held = await heldSlots(ctx);
  const slot = own ?? { sessionId, organizationId, since: now };
  const waiting = await slotsIn(ctx, "waiting", MAX_WAITING);
  const isAmong = waiting.some((one) => one.sessionId === sessionId);
  const order = queueOrder(isAmong ? waiting : [...waiting, slot], held);
  const place = order.findIndex((one) => one.sessionId === sessionId) + 1;
  if ((limit === null || place <= limit - held.length) && (await serviceTakes(ctx, now, place))) {
    if (own) {
      await ctx.db.patch(own._id, { state: "held" });
      writer.patch({ deadlineAt: now + DEADLINES.provisioningMs });
    } else await ctx.db.insert("sandboxSlots", { ...slot, state: "held" });
    writer.patch({ queuePlace: undefined });
    await makeRoom(ctx, limit, held.length + 1);
    return null;
  }
  if (!own) {
    await ctx.db.insert("sandboxSlots", { ...slot, state: "waiting" });
    writer.patch({ deadlineAt: now + DEADLINES.queueMs });
  }
  await writer.wait("capacity", undefined, place);
  return place;
}

/** Warm sandboxes give way to live ones. The one that is ready is the last, since the session may claim it. */
async function makeRoom(ctx: MutationCtx, limit: number | null, live: number): Promise<void> {
  if (limit === null) return;
  const warm = (await warmRows(ctx)).filter(({ state }) => state !== "ending");
  const starting = warm.filter(({ state }) => state === "starting");
  const ready = warm.filter(({ state }) => state === "ready").toReversed();
  // The session that has come takes one of those that are ready in its own room.
  const surplus = live + warm.length - (ready.length > 0 ? 1 : 0) - limit;
  for (const { _id } of [...starting, ...ready].slice(0, Math.max(0, surplus)))
    await ctx.db.patch(_id, { state: "ending" });
}

/**
 * Takes the warm sandbox that waits longest: it is the session's from here on, and nobody else's.
 * @returns null where none of that kind waits
 */
export async function claimWarm(
  writer: SessionWriter,
  kind: string,
): Promise<{ sandboxId: string; bridge: number } | null> {
  const { ctx, now, session } = writer;
  // What an earlier try has left is ended first: another in its place would be forgotten.
  if (session.sandboxId !== undefined) return null;
  const rows = await takeUpTo(
    ctx.db
      .query("warmSandboxes")
      .withIndex("by_state", (q) => q.eq("state", "ready").gt("until", now + CLAIM_MARGIN_MS)),
    { rows: MAX_WARM_ROWS },
  );
  const row = rows.find((one) => one.kind === kind);
  if (row?.sandboxId === undefined || row.bridge === undefined) return null;
  const { sandboxId, bridge } = row;
  await ctx.db.delete(row._id);
  // It follows no policy of anybody's yet.
  writer.patch({ sandboxId, networkRevision: undefined });
  return { sandboxId, bridge };
}
