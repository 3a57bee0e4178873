import { HOLD_MS, isSpending, reserve, spentWith, type Means, type Reservation } from "#domain/ledger.ts";
import { monthOf } from "#domain/usage-report.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { Infer } from "convex/values";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { type askedCall, callAsked } from "./call-events.ts";
import { type Applied, giveBackLimits, holdOfLimits, limitsFor, type Payers } from "./monthly-limits.ts";
import type { reservation } from "./returns.ts";
import type { SessionWriter } from "./session-writer.ts";
import { frozenReason } from "./frozen.ts";
import { demandTopUp } from "./top-up.ts";
import type { madeBy } from "./values.ts";

/** An organization's account, if it ever had credits. */
export async function accountOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<Doc<"creditAccounts"> | null> {
  return await ctx.db
    .query("creditAccounts")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .unique();
}

interface Entry {
  organizationId: Id<"organizations">;
  /** Names what the entry is for: the same key is entered once. */
  key: string;
  kind: Doc<"ledgerEntries">["kind"];
  deltaMicroUsd: number;
  description: string;
  sessionId?: Id<"sandboxSessions">;
}

/** Enters an amount, and moves the balance with it. @returns false where the key was entered before */
export async function enter(ctx: MutationCtx, entry: Entry): Promise<boolean> {
  const known = await ctx.db
    .query("ledgerEntries")
    .withIndex("by_key", (q) => q.eq("organizationId", entry.organizationId).eq("key", entry.key))
    .unique();
  if (known) return false;
  const account = await accountOf(ctx, entry.organizationId);
  const balanceMicroUsd = (account?.balanceMicroUsd ?? 0) + entry.deltaMicroUsd;
  const month = monthOf(Date.now());
  if (account)
    await ctx.db.patch(account._id, {
      balanceMicroUsd,
      // Without a month it is of before there was one: a migration adds up what it has spent.
      ...(account.spentMonth !== undefined && spentWith(account, entry, month)),
    });
  else
    await ctx.db.insert("creditAccounts", {
      organizationId: entry.organizationId,
      balanceMicroUsd,
      heldMicroUsd: 0,
      ...spentWith({}, entry, month),
    });
  await ctx.db.insert("ledgerEntries", { ...entry, balanceAfterMicroUsd: balanceMicroUsd });
  // Money that went back to a card is not taken from it again.
  if (isSpending(entry.kind))
    await demandTopUp(ctx, entry.organizationId, balanceMicroUsd - (account?.heldMicroUsd ?? 0));
  return true;
}

async function moveHeld(ctx: MutationCtx, organizationId: Id<"organizations">, delta: number): Promise<void> {
  const account = await accountOf(ctx, organizationId);
  if (account) await ctx.db.patch(account._id, { heldMicroUsd: account.heldMicroUsd + delta });
}

export async function holdOf(ctx: MutationCtx, requestId: string): Promise<Doc<"creditHolds"> | null> {
  return await ctx.db
    .query("creditHolds")
    .withIndex("by_request", (q) => q.eq("requestId", requestId))
    .unique();
}

/** More calls than this are not under way in sessions that have just ended. */
const MAX_ENDING = 1_000;

/** What calls may still cost whose sessions have ended: they are charged when they end. */
async function endingHolds(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  now: number,
): Promise<Doc<"creditHolds">[]> {
  return await ctx.db
    .query("creditHolds")
    .withIndex("by_organization_status_expiry", (q) =>
      q.eq("organizationId", organizationId).eq("status", "ending").gt("expiresAt", now),
    )
    .take(MAX_ENDING);
}

const sumOf = (rows: readonly Doc<"creditHolds">[]) => rows.reduce((sum, row) => sum + row.amountMicroUsd, 0);

/** What a call may cost, and who pays for it. */
interface HeldCall {
  requestId: string;
  keySource: Doc<"sandboxSessions">["keySource"];
  inputMicroUsd: number;
  maxInputMicroUsd?: number | undefined;
  outputMicroUsdPerMillion: number;
  maxOutputTokens: number;
}

/** Whether a call may be made; where a monthly limit is reached, which. */
type Decision =
  | Exclude<Reservation, { reason: "limit" }>
  | { ok: false; reason: "limit"; reached: Applied }
  | { ok: false; reason: "frozen" };

/** A decision as those who asked are told of it. */
export function toReservation(decision: Decision): Infer<typeof reservation> {
  if (decision.ok || decision.reason !== "limit") return decision;
  return { ok: false, reason: "limit", subject: decision.reached.limit.subject };
}

/** `reserve` with the limits that the call counts against. */
function decide(means: Omit<Means, "limits">, applied: readonly Applied[], call: HeldCall): Decision {
  const decision = reserve({ ...means, limits: applied }, call);
  if (decision.ok || decision.reason !== "limit") return decision;
  const reached = applied[decision.limit];
  if (!reached) throw new Error("A limit that was not asked about can't be reached.");
  return { ok: false, reason: "limit", reached };
}

/**
 * Holds what a call of a person's own may cost at most, which no session pays for.
 * @param capMicroUsd what they allow it to cost; undefined where they set no limit
 */
export async function holdApart(
  ctx: MutationCtx,
  { purpose, ...payers }: Infer<typeof madeBy>,
  call: HeldCall,
  capMicroUsd: number | undefined,
): Promise<Decision> {
  const { organizationId } = payers;
  const known = await holdOf(ctx, call.requestId);
  if (known) return { ok: true, amountMicroUsd: known.amountMicroUsd, maxOutputTokens: call.maxOutputTokens };
  if ((await frozenReason(ctx, organizationId)) !== null) return { ok: false, reason: "frozen" };
  const now = Date.now();
  const fromCredits = call.keySource === "platform";
  const account = fromCredits ? await accountOf(ctx, organizationId) : null;
  const ending = await endingHolds(ctx, organizationId, now);
  const held = (account?.heldMicroUsd ?? 0) + sumOf(ending.filter((row) => row.fromCredits));
  const applied = await limitsFor(ctx, payers, now, ending);
  const decision = decide(
    {
      creditsMicroUsd: fromCredits ? (account?.balanceMicroUsd ?? 0) - held : null,
      creditsHeldMicroUsd: held,
      capMicroUsd: capMicroUsd ?? null,
    },
    applied,
    call,
  );
  if (!decision.ok) return decision;
  await ctx.db.insert("creditHolds", {
    organizationId,
    purpose,
    requestId: call.requestId,
    fromCredits,
    amountMicroUsd: decision.amountMicroUsd,
    ...(await holdOfLimits(ctx, payers, applied, { amountMicroUsd: decision.amountMicroUsd, now })),
    status: "open",
    expiresAt: now + HOLD_MS,
  });
  if (fromCredits) await moveHeld(ctx, organizationId, decision.amountMicroUsd);
  return decision;
}

/**
 * Whose a session's call is.
 * @param cause the run that it is made for, or the person who has made it; a call between runs is its starter's
 */
export const payersOf = (
  { organizationId, userId, agentId }: Doc<"sandboxSessions">,
  cause: Pick<Payers, "userId" | "keyId"> | null | undefined,
): Payers => ({ organizationId, userId: cause?.userId ?? userId, agentId, keyId: cause?.keyId });

/**
 * Holds what a call may cost at most, if there is enough. The same `requestId` gets the same answer.
 * @param by who has made a call beside the session's runs: it counts against the session's cap, and against no run's
 * @param told what the log says of the call, once it may be made
 */
export async function hold(
  writer: SessionWriter,
  call: HeldCall,
  by?: Infer<typeof madeBy>,
  told?: Infer<typeof askedCall>,
): Promise<Decision> {
  const { ctx, session } = writer;
  const known = await holdOf(ctx, call.requestId);
  if (known) return { ok: true, amountMicroUsd: known.amountMicroUsd, maxOutputTokens: call.maxOutputTokens };
  if ((await frozenReason(ctx, session.organizationId)) !== null) return { ok: false, reason: "frozen" };
  const fromCredits = call.keySource === "platform";
  const ending = await endingHolds(ctx, session.organizationId, writer.now);
  const endingCredits = sumOf(ending.filter((row) => row.fromCredits));
  const endingHere = sumOf(ending.filter((row) => row.sessionId === session._id));
  const account = fromCredits ? await accountOf(ctx, session.organizationId) : null;
  const cap = session.budgetCapMicroUsd;
  const spent = await writer.totals();
  const run = !by && session.activeRunId ? await ctx.db.get(session.activeRunId) : null;
  const payers = payersOf(session, by ?? run);
  const applied = await limitsFor(ctx, payers, writer.now, ending);
  const heldHere = spent.heldMicroUsd + endingHere;
  const decision = decide(
    {
      creditsMicroUsd: fromCredits
        ? (account?.balanceMicroUsd ?? 0) - (account?.heldMicroUsd ?? 0) - endingCredits
        : null,
      creditsHeldMicroUsd: (account?.heldMicroUsd ?? 0) + endingCredits,
      capMicroUsd: cap === undefined ? null : cap - spent.totalCostMicroUsd - heldHere,
      ...(run?.maxCostMicroUsd !== undefined && {
        runMicroUsd: run.maxCostMicroUsd - run.totalCostMicroUsd - heldHere,
      }),
      capHeldMicroUsd: heldHere,
    },
    applied,
    call,
  );
  if (!decision.ok) return decision;
  await ctx.db.insert("creditHolds", {
    organizationId: session.organizationId,
    sessionId: session._id,
    ...(by && { purpose: by.purpose }),
    requestId: call.requestId,
    fromCredits,
    amountMicroUsd: decision.amountMicroUsd,
    ...(await holdOfLimits(ctx, payers, applied, {
      amountMicroUsd: decision.amountMicroUsd,
      now: writer.now,
    })),
    status: "open",
    expiresAt: writer.now + HOLD_MS,
  });
  if (fromCredits) await moveHeld(ctx, session.organizationId, decision.amountMicroUsd);
  await writer.addToTotals({ heldMicroUsd: decision.amountMicroUsd });
  if (told) await callAsked(writer, call.requestId, told);
  return decision;
}

/** Ends a hold that was not ended yet; the caller says what it ended as. */
export async function endHold(
  writer: SessionWriter,
  row: Doc<"creditHolds">,
  status: "settled" | "released" | "ending",
): Promise<void> {
  if (row.status === "open") {
    if (row.fromCredits) await moveHeld(writer.ctx, row.organizationId, -row.amountMicroUsd);
    await giveBackLimits(writer.ctx, row);
    await writer.addToTotals({ heldMicroUsd: -row.amountMicroUsd });
  }
  await writer.ctx.db.patch(row._id, { status });
}

/** The same for a hold of a call that no session pays for. */
export async function endHoldApart(
  ctx: MutationCtx,
  row: Doc<"creditHolds">,
  status: "settled" | "released",
): Promise<void> {
  if (row.status === "open") {
    if (row.fromCredits) await moveHeld(ctx, row.organizationId, -row.amountMicroUsd);
    await giveBackLimits(ctx, row);
  }
  await ctx.db.patch(row._id, { status });
}

/**
 * Lets go of everything that a session still holds, as it ends. Its calls under way are charged all the same, so what
 * they can cost stays counted: else whoever ends a session would spend the same credits in the next one.
 */
export async function releaseHolds(writer: SessionWriter): Promise<void> {
  const open = await writer.ctx.db
    .query("creditHolds")
    .withIndex("by_session_status", (q) => q.eq("sessionId", writer.session._id).eq("status", "open"))
    .take(200);
  for (const row of open) await endHold(writer, row, "ending");
}
