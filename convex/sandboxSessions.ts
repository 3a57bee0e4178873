import { v } from "convex/values";
import { DEADLINE_ACTIONS } from "#domain/approvers.ts";
import { PERSON } from "#domain/event-people.ts";
import { DEADLINES, isLive, PROVISION_STEPS } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import { plural } from "#domain/plural.ts";
import { actorMutation, orgMutation, orgQuery, refuse, serviceMutation, serviceQuery } from "./functions.ts";
import { pinnedAgent, pinnedAgentOf } from "./model/agents.ts";
import { endWait } from "./model/approvals.ts";
import { beginAsked, beginning, beginningBounds } from "./model/begin-session.ts";
import { checkLease } from "./model/leases.ts";
import { beginMeter, lookSoon, seenSandbox } from "./model/metering.ts";
import { noteApplied, policyOf, policyRow } from "./model/network.ts";
import { goOnOnceGone, parkSession } from "./model/parking.ts";
import { endRun, endSession, endWaiting, startNext } from "./model/runs.ts";
import { settingsOf, settingsRow } from "./model/settings.ts";
import { literals } from "./model/zod-validator.ts";
import { giveRoomBack } from "./model/slot-rows.ts";
import { serviceTook } from "./model/slots.ts";
import { demandSaveOfWork } from "./model/checkpoints.ts";
import { sessionRestored } from "./model/resume.ts";
import { noteMade } from "./model/session-made.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { keepUnsent } from "./model/unsent.ts";
import { mayDrive, sessionOf, streamOf, toSession } from "./model/sessions.ts";
import { session as sessionValue } from "./model/returns.ts";
import { indexTitle } from "./model/search-texts.ts";
import { endFrozen } from "./model/freeze.ts";
import { stillFrozen } from "./model/frozen.ts";
import { stillUnpaid } from "./model/unpaid.ts";
import { sandboxSize, storedPolicy } from "./model/values.ts";
import schema from "./schema.ts";

/**
 * Records a session, in `provisioning`. The server says who pays, and which model took a retired one's place: it alone
 * knows what ways there are. Whether the key itself goes into the sandbox is the organization's setting.
 * @throws unknown_provider | unknown_model | session_limit | forbidden | invalid_request
 */
export const create = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: beginningBounds,
  args: beginning,
  returns: sessionValue,
  handler: async (ctx, args) => {
    const writer = await beginAsked(ctx, ctx.caller, args);
    await writer.save();
    return await toSession(ctx, writer.session);
  },
});

export const get = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: sessionValue,
  handler: async (ctx, { sessionId }) => await toSession(ctx, await sessionOf(ctx, ctx.caller, sessionId)),
});

/** What a session is configured with beside its own row: its agent as it was, and how long its requests wait. */
export const config = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.object({
    agent: v.nullable(pinnedAgent),
    approvalMinutes: v.number(),
    approvalAction: literals(DEADLINE_ACTIONS),
    /** Whether the organization has set one of both. */
    isApprovalSet: v.boolean(),
  }),
  handler: async (ctx, { sessionId }) => {
    const { _id, organizationId } = await sessionOf(ctx, ctx.caller, sessionId);
    const [settings, row] = await Promise.all([
      settingsOf(ctx, organizationId),
      settingsRow(ctx, organizationId),
    ]);
    return {
      agent: await pinnedAgentOf(ctx, _id),
      approvalMinutes: settings.approval_deadline_minutes,
      approvalAction: settings.approval_deadline_action,
      isApprovalSet:
        row?.approval_deadline_minutes !== undefined || row?.approval_deadline_action !== undefined,
    };
  },
});

/** Changes a session's title, its cap, or whether its agent is asked at all. A run that paused at the cap goes on by itself. */
export const update = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: { title: LIMITS.title, budgetCapMicroUsd: LIMITS.budgetCap },
  args: {
    sessionId: v.string(),
    title: v.optional(v.string()),
    budgetCapMicroUsd: v.optional(v.union(v.number(), v.null())),
    autoApprove: v.optional(v.boolean()),
  },
  returns: sessionValue,
  handler: async (ctx, { sessionId, title, budgetCapMicroUsd: cap, autoApprove: on }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const writer = await SessionWriter.open(ctx, session);
    const personId = ctx.caller.user._id;
    if (title !== undefined && title !== session.title) {
      writer.patch({ title });
      await indexTitle(ctx, writer.session);
      await writer.append(
        { type: "session.renamed", source: "ui.user", payload: { title, changed_by: PERSON } },
        { personId },
      );
    }
    if (on !== undefined && on !== (session.autoApprove ?? false)) {
      writer.patch({ autoApprove: on, autoApproveById: personId });
      await writer.append(
        { type: "session.auto_approve", source: "ui.user", payload: { on, changed_by: PERSON } },
        { personId },
      );
    }
    if (cap !== undefined) {
      const { totalCostMicroUsd: spent } = await writer.totals();
      if (cap !== null && cap <= spent) throw refuse("cap_too_low");
      writer.patch({ budgetCapMicroUsd: cap ?? undefined });
      await writer.append(
        { type: "budget.changed", source: "ui.user", payload: { cap_micro_usd: cap, changed_by: PERSON } },
        { personId },
      );
      if (session.waitingFor === "budget") await endWait(writer);
    }
    await writer.save();
    return await toSession(ctx, writer.session);
  },
});

/** Resets the idle timer. @returns the id of the sandbox, whose own timer the server resets too */
export const keepalive = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: { none: "somebody is there: nothing but a clock changes" },
  args: { sessionId: v.string() },
  returns: v.object({ sandboxId: v.nullable(v.string()), idleTimeoutMs: v.number() }),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    if (!isLive(session.status)) throw refuse("session_ended");
    const now = Date.now();
    // One whose sandbox can't be paid for, or whose organization is frozen, stops even while somebody is there.
    const isFree = session.isUnpaid !== true && session.isFrozen !== true;
    const waits = (session.status === "ready" || session.status === "idle") && isFree;
    await ctx.db.patch(session._id, {
      lastActivityAt: now,
      ...(waits && { deadlineAt: now + session.idleTimeoutMs }),
    });
    if (session.status !== "provisioning") await demandSaveOfWork(ctx, session);
    return { sandboxId: session.sandboxId ?? null, idleTimeoutMs: session.idleTimeoutMs };
  },
});

/** Stops a session on a person's word. Again, it does nothing. */
export const stop = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  args: { sessionId: v.string() },
  returns: v.null(),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    if (session.status === "stopped" && session.waitingFor === null) return null;
    const writer = await SessionWriter.open(ctx, session);
    const message = `${PERSON} stopped the session.`;
    const personId = ctx.caller.user._id;
    const ending = { status: "cancelled" as const, message, personId };
    if (session.status === "stopped") await endWaiting(writer, ending);
    else await endSession(writer, "stopped", { reason: message, personId, ending });
    await writer.save();
    return null;
  },
});

/** What a server needs to work on a session: what its organization allows at this moment, and what its agent was then. */
export const forServer = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.object({
    session: schema.doc("sandboxSessions"),
    organization: schema.doc("organizations"),
    stream: schema.doc("sessionStreams"),
    rawKeyAllowed: v.boolean(),
    network: storedPolicy,
    agent: v.nullable(pinnedAgent),
  }),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    const organization = session && (await ctx.db.get(session.organizationId));
    if (!session || !organization) throw refuse("session_not_found");
    const settings = await settingsOf(ctx, session.organizationId);
    return {
      session,
      organization,
      stream: await streamOf(ctx, sessionId),
      rawKeyAllowed: settings.raw_key_injection,
      network: await policyOf(ctx, session.organizationId, session.environment),
      agent: await pinnedAgentOf(ctx, sessionId),
    };
  },
});

/**
 * Notes the sandbox as soon as there is one, so that it is never left behind, and the network policy that it was
 * created with.
 * @throws lease_lost where another server makes this session meanwhile
 */
export const attachSandbox = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    sandboxId: v.string(),
    /** The policy that its sandbox was created with. */
    network: v.optional(storedPolicy),
    /** What it takes of its machine: its time is counted by that. */
    size: v.optional(sandboxSize),
  },
  returns: v.object({ live: v.boolean() }),
  handler: async (ctx, { sessionId, generation, sandboxId, network, size }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    const { session } = writer;
    const live = isLive(session.status);
    const isNew = session.sandboxId !== sandboxId || session.networkRevision !== network?.revision;
    if (session.sandboxId !== undefined && session.sandboxId !== sandboxId)
      await lookSoon(ctx, session.sandboxId);
    const { organizationId, userId } = session;
    await beginMeter(ctx, { organizationId, sessionId, userId, sandboxId }, size);
    await serviceTook(ctx);
    writer.patch({ sandboxId, ...(!live && { cleanupPending: true }) });
    if (live && isNew && network) {
      await noteApplied(writer, network, "start");
      // It was changed while the sandbox was created, and whoever brought it to the others did not see this one.
      const row = await policyRow(ctx, session.organizationId, session.environment);
      if (row && row.revision !== network.revision) await ctx.db.patch(row._id, { pending: true });
    }
    await writer.save();
    return { live };
  },
});

/**
 * The sandbox stands and the agent answers: the session is ready, and takes what has been asked meanwhile.
 * @throws lease_lost where another server makes this session meanwhile
 */
export const finishProvisioning = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    agentSessionId: v.string(),
    acpServerId: v.string(),
    durationMs: v.number(),
    /** Of a session that was resumed: the place in the agent's stream behind its history, and what became of its work. */
    cursor: v.optional(v.number()),
    /** What its sandbox was made of. */
    made: v.optional(
      v.object({
        template: v.string(),
        versions: v.nullable(v.record(v.string(), v.string())),
        buildId: v.nullable(v.id("setupBuilds")),
      }),
    ),
    restored: v.optional(
      v.object({
        checkpointId: v.nullable(v.id("checkpoints")),
        history: v.union(v.literal("kept"), v.literal("recap"), v.literal("none")),
      }),
    ),
  },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, generation, durationMs, cursor, made, restored, ...agent }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    if (writer.session.status !== "provisioning") return false;
    writer.patch(agent);
    if (made) await noteMade(ctx, sessionId, made);
    if (cursor !== undefined) writer.patchStream({ cursor });
    const index = PROVISION_STEPS.length - 1;
    const { id: step, label } = PROVISION_STEPS[index]!;
    await writer.append({
      type: "provision.step",
      source: "studio.provision",
      payload: {
        step,
        label,
        index,
        total: PROVISION_STEPS.length,
        status: "completed",
        duration_ms: durationMs,
      },
    });
    if (restored) await sessionRestored(writer, restored);
    await writer.move("ready");
    if (writer.session.rewindId !== undefined) await writer.wait("rewind");
    await startNext(writer);
    await writer.save();
    return true;
  },
});

/**
 * Ends a session that cannot go on, with a sentence that says why.
 * @throws lease_lost where another server holds the session, for which it may go on
 */
export const fail = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    error: v.string(),
    errorKind: v.string(),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, error, errorKind }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    if (!isLive(writer.session.status)) return;
    const ending = { status: "failed" as const, error, errorKind };
    if (errorKind === "sandbox_lost" && (await keepUnsent(writer, ending))) return await writer.save();
    await endSession(writer, "error", { reason: error, error, ending });
    await writer.save();
  },
});

/** Ends a state that is past its deadline, each in its own way. */
export const expire = serviceMutation({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.null(),
  handler: async (ctx, { sessionId }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const { status, deadlineAt, activeRunId, idleTimeoutMs, isUnpaid, isFrozen } = writer.session;
    if (deadlineAt === 0 || deadlineAt > writer.now) return;
    if (status === "provisioning") {
      const error =
        writer.session.waitingFor === "capacity"
          ? `There was no room for a sandbox within ${DEADLINES.queueMs / 60_000} minutes. Stop a session, or try again later.`
          : `The sandbox wasn't ready within ${DEADLINES.provisioningMs / 1000} s. Start a new session.`;
      await endSession(writer, "error", {
        reason: error,
        error,
        ending: { status: "failed", error, errorKind: "timeout" },
      });
    } else if (status === "active" && activeRunId && writer.session.parking) {
      await parkSession(writer);
    } else if (status === "active" && activeRunId) {
      const error = `The run reached its limit of ${DEADLINES.runMs / 60_000} minutes and was stopped. The session is still open.`;
      // Whatever it still does ends with its processes.
      writer.patch({ agentRestart: "cancel_unheard" });
      await endRun(writer, activeRunId, { status: "failed", error, errorKind: "timeout" });
    } else if (await stillFrozen(writer)) {
      await endFrozen(writer);
    } else if (await stillUnpaid(writer)) {
      const message =
        "No credits are left for the sandbox's time, so the session was stopped. Its work was saved first.";
      await endSession(writer, "stopped", { reason: message, ending: { status: "cancelled", message } });
    } else if (writer.session.isUnpaid !== isUnpaid || writer.session.isFrozen !== isFrozen) {
      // There are credits again, or the organization was thawed: it goes on as it was.
      writer.patch({ deadlineAt: writer.now + idleTimeoutMs });
      await startNext(writer);
    } else {
      const minutes = Math.round(idleTimeoutMs / 60_000);
      const message = `The session was idle for ${minutes} ${plural(minutes, "minute", "minutes")}, so it was stopped.`;
      await endSession(writer, "stopped", { reason: message, ending: { status: "cancelled", message } });
    }
    await writer.save();
  },
});

/** The sandbox of an ended session is gone. */
export const cleanedUp = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    /** The sandbox that was ended, whether it still ran then, and when that was: up to then its time is counted. */
    ended: v.optional(v.object({ sandboxId: v.string(), ran: v.boolean(), at: v.number() })),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, ended }) => {
    if (ended) await seenSandbox(ctx, { ...ended, ended: true });
    await ctx.db.patch(sessionId, { cleanupPending: false });
    await giveRoomBack(ctx, sessionId);
    const session = await ctx.db.get(sessionId);
    if (session) await goOnOnceGone(ctx, session);
  },
});
