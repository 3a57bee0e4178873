import { v } from "convex/values";
import type { EventDraft } from "#domain/events.ts";
import { betterTitle, isLive, MAX_RESTARTS, titleOf } from "#domain/lifecycle.ts";
import { maskSecrets } from "#domain/mask.ts";
import type { Id } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { serviceMutation, serviceQuery } from "./functions.ts";
import { endWait } from "./model/approvals.ts";
import { CALL_EXPLAINS_MS } from "./model/fruitless.ts";
import { checkLease } from "./model/leases.ts";
import { isResult, resultCame } from "./model/results.ts";
import { resumeRun } from "./model/resume-run.ts";
import { toolsHeldIn } from "./model/rules.ts";
import { endRun } from "./model/runs.ts";
import { indexTitle } from "./model/search-texts.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { told } from "./model/values.ts";

/** Characters of a title that the agent has found, before it is cut. */
const MAX_FOUND_CHARS = 1_000;

/**
 * Whether something else explains an agent's silence: a model call under way, or a cause that is shown.
 * @param args `limitMs`: for how long silence needs no explanation
 */
export const waits = serviceQuery({
  args: { sessionId: v.id("sandboxSessions"), limitMs: v.number() },
  returns: v.object({ waits: v.boolean() }),
  handler: async (ctx, { sessionId, limitMs }) => {
    const session = await ctx.db.get(sessionId);
    const call = await ctx.db
      .query("creditHolds")
      .withIndex("by_session_status", (q) => q.eq("sessionId", sessionId).eq("status", "open"))
      .first();
    const run = session?.activeRunId && (await ctx.db.get(session.activeRunId));
    // Calls that come and go are a sign of life: who asks a model is not asked again in its place.
    const explainsMs = Math.min(CALL_EXPLAINS_MS, limitMs);
    const calling = run ? Date.now() - (run.lastCallAt ?? 0) < explainsMs : false;
    // With its own key in the sandbox, nobody here sees the calls.
    return { waits: call !== null || calling || session?.waitingFor !== null || session.rawKey === true };
  },
});

/** The agent's own names of those of its free tools that have to ask in a session, as its rules are now. */
export const heldTools = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.array(v.string()),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    return session ? await toolsHeldIn(ctx, session) : [];
  },
});

/** The run whose message has given a session its title, if it still has that; null otherwise. */
async function titledBy(ctx: QueryCtx | MutationCtx, runId: Id<"runs">) {
  const run = await ctx.db.get(runId);
  const session = run && (await ctx.db.get(run.sessionId));
  return run && session && isLive(session.status) && session.title === titleOf(run.input)
    ? { run, session }
    : null;
}

/** Whether a session's title is no more than the beginning of this run's message. */
export const wantsTitle = serviceQuery({
  args: { runId: v.id("runs") },
  returns: v.boolean(),
  handler: async (ctx, { runId }) => (await titledBy(ctx, runId)) !== null,
});

/** Takes a title that the agent has found over, masked, where that is better than the beginning of the first message. */
export const titled = serviceMutation({
  args: { runId: v.id("runs"), found: v.string() },
  returns: v.null(),
  handler: async (ctx, { runId, found }) => {
    const known = await titledBy(ctx, runId);
    if (!known) return null;
    const title = betterTitle(
      known.session.title,
      known.run.input,
      maskSecrets(found.slice(0, MAX_FOUND_CHARS)),
    );
    if (title === null) return null;
    const writer = await SessionWriter.open(ctx, known.session);
    writer.patch({ title });
    await indexTitle(ctx, writer.session);
    await writer.append({ type: "session.renamed", source: "agent.opencode", payload: { title } });
    await writer.save();
    return null;
  },
});

/** The `seq` behind which a run's events begin. */
export const startOfRun = serviceQuery({
  args: { runId: v.id("runs") },
  returns: v.number(),
  handler: async (ctx, { runId }) => (await ctx.db.get(runId))?.startedSeq ?? 0,
});

/**
 * The agent was restarted and knows its history: what of that the log had lacked is logged (`events`), and the run
 * that was going goes on. `cursor` is the place in the new connection's stream behind that history; `rpcId` a UUID for
 * the next prompt.
 * @throws lease_lost where another server holds the session
 */
export const restarted = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    acpServerId: v.string(),
    /** Of a conversation that it has begun. */
    agentSessionId: v.optional(v.string()),
    cursor: v.number(),
    rpcId: v.string(),
    events: v.array(v.object(told)),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, acpServerId, agentSessionId, cursor, rpcId, events }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    const { agentRestart: cause, activeRunId } = writer.session;
    if (cause === undefined) return;
    writer.patch({ acpServerId, ...(agentSessionId !== undefined && { agentSessionId }) });
    writer.patchStream({ cursor, held: undefined });
    for (const { payload, act = false, ...event } of events) {
      const draft = { ...event, payload: JSON.parse(payload) } as EventDraft;
      await writer.append(draft);
      if (event.runId && isResult(draft) && (await resultCame(writer, event.runId, draft, act))) break;
    }
    // Whatever its predecessor did, this one has just begun.
    writer.patch({ agentRestart: undefined });
    await writer.append({
      type: "agent.restarted",
      source: "studio.lifecycle",
      payload: { cause },
      ...(activeRunId && { runId: activeRunId }),
    });
    await writer.wait(null);
    if (activeRunId) await resumeRun(writer, activeRunId, rpcId);
    await writer.save();
  },
});

/**
 * Says that the sandbox cannot be reached while a run is going, or that it can be again. Anything else that it waits
 * for stays what is shown.
 * @throws lease_lost where another server holds the session
 */
export const reach = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), generation: v.number(), broken: v.boolean() },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, broken }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    const { status, waitingFor } = writer.session;
    if (status !== "active") return;
    if (broken && waitingFor === null) await writer.wait("sandbox");
    else if (!broken && waitingFor === "sandbox") await endWait(writer);
    await writer.save();
  },
});

const LOST: Record<"agent_exited" | "agent_silent" | "stream_gap", string> = {
  agent_exited: "The agent's process exited",
  agent_silent: "The agent stopped responding",
  stream_gap: "Part of the agent's stream was lost",
};

/**
 * The agent no longer responds: it is restarted, and the run goes on. A run whose agent ends again and again
 * fails, and the session stays.
 * @throws lease_lost where another server holds the session
 */
export const lost = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    cause: v.union(v.literal("agent_exited"), v.literal("agent_silent"), v.literal("stream_gap")),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, cause }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    if (writer.session.agentRestart !== undefined) return;
    writer.patch({ agentRestart: cause });
    const run = writer.session.activeRunId && (await ctx.db.get(writer.session.activeRunId));
    if (run) {
      const restarts = (run.restarts ?? 0) + 1;
      await ctx.db.patch(run._id, { restarts });
      if (restarts > MAX_RESTARTS)
        await endRun(writer, run._id, {
          status: "failed",
          error: `${LOST[cause]} ${restarts} times in this run, so the run was ended. What it wrote is in the transcript, and the files are as it left them. Send another message to continue.`,
          errorKind: cause,
        });
      else await writer.wait("agent-start");
    }
    await writer.save();
  },
});

/**
 * The agent did not end a run that a person had stopped: it was ended from outside, and is restarted for the next.
 * @throws lease_lost where another server holds the session
 */
export const unheard = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), generation: v.number(), runId: v.id("runs") },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, generation, runId }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    if (writer.session.activeRunId !== runId) return false;
    writer.patch({ agentRestart: "cancel_unheard" });
    await endRun(writer, runId, {
      status: "cancelled",
      message: "The run was stopped. The agent didn't stop in time, so its processes were ended.",
    });
    await writer.save();
    return true;
  },
});
