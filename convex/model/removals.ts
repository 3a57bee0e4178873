import { LIVE_STATUSES } from "#domain/lifecycle.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { audit } from "./audit.ts";
import { eraseStep } from "./erase.ts";
import { renameStep } from "./forget-name.ts";
import { forgetNotifications } from "./notifications.ts";
import { boundedPage } from "./paging.ts";

type Removal = Doc<"removals">;
/** What a step leaves: the next phase or cursor, a wait, or the end. */
type Outcome = { phase: string; cursor?: string | null } | { wait: number } | "done";

/** A step that was lost (its server, its transaction) is taken up again after this long. */
const WATCHDOG_MS = 60_000;
/** How long a finished removal is remembered: longer than any token lives that names what is gone. */
const REMEMBER_MS = 24 * 3600_000;
/** Rows of one step, each of which may cost some reads and writes of its own. */
const STEP_ROWS = 50;
/** Sessions whose end is scheduled by one step; each ends in a transaction of its own. */
const SESSIONS_A_STEP = 20;
/** How long the phase of sessions waits between looks, and after how many looks it no longer asks nicely. */
const LOOK_AGAIN_MS = 2_000;
const PATIENT_ROUNDS = 5;

type Begun = Pick<Removal, "kind" | "driver" | "externalId" | "organization" | "user" | "message" | "name">;

/** Begins a removal; the caller has made it take effect already. */
export async function beginRemoval(ctx: MutationCtx, removal: Begun): Promise<void> {
  const removalId = await ctx.db.insert("removals", {
    ...removal,
    phase: FIRST_PHASE[removal.kind],
    cursor: null,
    rounds: 0,
    status: "running",
    nextAt: Date.now() + WATCHDOG_MS,
  });
  await ctx.scheduler.runAfter(0, internal.removals.step, { removalId });
}

/** True where the driver's own id names a person or an organization that was deleted lately. */
export async function wasRemoved(
  ctx: QueryCtx | MutationCtx,
  subject: { driver: string; kind: "user" | "organization"; externalId: string },
): Promise<boolean> {
  const found = await ctx.db
    .query("removals")
    .withIndex("by_external", (q) =>
      q.eq("driver", subject.driver).eq("kind", subject.kind).eq("externalId", subject.externalId),
    )
    .first();
  return found !== null;
}

const FIRST_PHASE: Record<Removal["kind"], string> = {
  member: "keys",
  user: "memberships",
  organization: "sessions",
};

/** Carries a removal one bounded step further, and schedules the next. */
export async function stepRemoval(ctx: MutationCtx, removalId: Id<"removals">): Promise<void> {
  const removal = await ctx.db.get(removalId);
  if (removal?.status !== "running") return;
  const now = Date.now();
  const outcome = await PHASES[removal.kind](ctx, removal);
  if (outcome === "done") {
    await ctx.db.patch(removalId, { status: "done", name: undefined, nextAt: now + REMEMBER_MS });
    return;
  }
  const waitMs = "wait" in outcome ? outcome.wait : 0;
  const moved = "phase" in outcome && outcome.phase !== removal.phase;
  await ctx.db.patch(removalId, {
    nextAt: now + waitMs + WATCHDOG_MS,
    rounds: moved ? 0 : removal.rounds + ("wait" in outcome ? 1 : 0),
    ...("phase" in outcome && { phase: outcome.phase, cursor: outcome.cursor ?? null }),
  });
  await ctx.scheduler.runAfter(waitMs, internal.removals.step, { removalId });
}

/** Takes up again what has stood still, and forgets what was done long ago. Called each minute. */
export async function resumeRemovals(ctx: MutationCtx): Promise<void> {
  const now = Date.now();
  const due = async (status: Removal["status"]) =>
    await ctx.db
      .query("removals")
      .withIndex("by_status_next", (q) => q.eq("status", status).lte("nextAt", now))
      .take(STEP_ROWS);
  for (const { _id } of await due("running")) {
    // Behind the others, so that one that always fails hides nothing.
    await ctx.db.patch(_id, { nextAt: now + WATCHDOG_MS });
    await ctx.scheduler.runAfter(0, internal.removals.step, { removalId: _id });
  }
  for (const { _id } of await due("done")) await ctx.db.delete(_id);
}

const PHASES: Record<Removal["kind"], (ctx: MutationCtx, removal: Removal) => Promise<Outcome>> = {
  member: async (ctx, removal) => {
    const { organization, user, phase, name } = removal;
    if (!organization || !user) return "done";
    if (phase === "keys") {
      const page = await boundedPage(
        ctx.db
          .query("apiKeys")
          .withIndex("by_organization_user", (q) => q.eq("organizationId", organization).eq("userId", user)),
        { cursor: removal.cursor, rows: STEP_ROWS },
      );
      for (const key of page.page)
        if (key.kind === "user" && key.revokedAt === undefined && key._creationTime <= removal._creationTime)
          await ctx.db.patch(key._id, { revokedAt: Date.now() });
      return page.isDone ? { phase: "notifications" } : { phase, cursor: page.continueCursor };
    }
    if (phase === "notifications") {
      const left = await forgetNotifications(ctx, { organization, user, before: removal._creationTime });
      return { phase: left ? phase : "sessions" };
    }
    if (phase === "sessions") {
      const waits = await stopSome(ctx, removal, (status) =>
        ctx.db.query("sandboxSessions").withIndex("by_user_organization_status", (q) =>
          q
            .eq("userId", user)
            .eq("organizationId", organization)
            .eq("status", status)
            // One who comes back meanwhile keeps what they start then.
            .lte("_creationTime", removal._creationTime),
        ),
      );
      return waits ?? (name === undefined ? "done" : { phase: "names" });
    }
    return (await renameStep(ctx, { ...removal, organization, user, name: name ?? "" })) ?? "done";
  },

  user: async (ctx, removal) => {
    const { user, phase, message, name, driver } = removal;
    if (!user) return "done";
    const leave = async (organization: Id<"organizations">) => {
      const begun = await ctx.db
        .query("removals")
        .withIndex("by_subject", (q) =>
          q.eq("kind", "member").eq("organization", organization).eq("user", user),
        )
        .order("desc")
        .first();
      if (begun?.name === undefined)
        await beginRemoval(ctx, {
          kind: "member",
          driver,
          externalId: "",
          organization,
          user,
          message,
          name,
        });
    };
    if (phase === "memberships") {
      const rows = await ctx.db
        .query("members")
        .withIndex("by_user", (q) => q.eq("userId", user))
        .take(STEP_ROWS);
      for (const member of rows) {
        await ctx.db.delete(member._id);
        await leave(member.organizationId);
        await audit(ctx, {
          organizationId: member.organizationId,
          actor: { kind: "member", userId: user },
          action: "member.account_deleted",
          target: { userId: user },
        });
      }
      return { phase: rows.length < STEP_ROWS ? "former" : phase };
    }
    // Where they were once, their name may stand as well.
    const page = await boundedPage(
      ctx.db.query("memberChanges").withIndex("by_user", (q) => q.eq("userId", user)),
      { cursor: removal.cursor, rows: STEP_ROWS },
    );
    for (const change of page.page) {
      await leave(change.organizationId);
      await ctx.db.delete(change._id);
    }
    return page.isDone ? "done" : { phase, cursor: page.continueCursor };
  },

  organization: async (ctx, removal) => {
    const { organization, phase } = removal;
    if (!organization) return "done";
    if (phase === "sessions") {
      const waits = await stopSome(ctx, removal, (status) =>
        ctx.db
          .query("sandboxSessions")
          .withIndex("by_organization_status", (q) =>
            q.eq("organizationId", organization).eq("status", status),
          ),
      );
      return waits ?? { phase: "erase" };
    }
    const left = await eraseStep(ctx, organization);
    if (left === "none") return "done";
    return left === "waiting" ? { wait: LOOK_AGAIN_MS } : { phase };
  },
};

/**
 * Schedules the end of some live sessions. Null where none is left; else when to look again.
 * One whose end fails, round after round, is ended without its ceremonies: it must not keep a removal from its end.
 */
async function stopSome(
  ctx: MutationCtx,
  removal: Removal,
  liveIn: (status: (typeof LIVE_STATUSES)[number]) => { take(n: number): Promise<Doc<"sandboxSessions">[]> },
): Promise<Outcome | null> {
  let found = 0;
  for (const status of LIVE_STATUSES) {
    const rows = await liveIn(status).take(SESSIONS_A_STEP - found);
    found += rows.length;
    for (const { _id } of rows)
      await ctx.scheduler.runAfter(0, internal.removals.stopSession, {
        sessionId: _id,
        message: removal.message,
        force: removal.rounds >= PATIENT_ROUNDS,
      });
    if (found >= SESSIONS_A_STEP) break;
  }
  // While there are more than one step takes, rounds would count against those that were not asked yet.
  if (found === 0) return null;
  return found >= SESSIONS_A_STEP && removal.rounds < PATIENT_ROUNDS * 20
    ? { wait: 200 }
    : { wait: LOOK_AGAIN_MS };
}
