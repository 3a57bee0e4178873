import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import type { EventDraft } from "#domain/events.ts";
import { orgQuery, serviceMutation, serviceQuery } from "./functions.ts";
import { openApproval } from "./model/approvals.ts";
import { openQuestion } from "./model/questions.ts";
import { checkLease } from "./model/leases.ts";
import { isResult, resultCame } from "./model/results.ts";
import { endRun } from "./model/runs.ts";
import { logPage, pageOfLog } from "./model/log-page.ts";
import { noteCall } from "./model/same-calls.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { held, told } from "./model/values.ts";
import { sessionOf, streamOf } from "./model/sessions.ts";

const range = { after: v.number(), limit: v.number() };
const filter = {
  types: v.optional(v.array(v.string())),
  until: v.optional(v.number()),
  text: v.optional(v.string()),
};

/**
 * A page of a session's log, in order, from behind `after`; what the filter leaves of it. Long events make it shorter
 * than `limit`, and a filter even empty: `isDone` alone tells that it ends where the log ends now.
 */
export const list = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: {
    after: LIMITS.seq,
    limit: LIMITS.eventsLimit,
    types: LIMITS.eventTypes,
    until: LIMITS.seq,
    text: LIMITS.searchText,
  },
  args: { sessionId: v.string(), ...range, ...filter },
  returns: logPage,
  handler: async (ctx, { sessionId, ...page }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    return await pageOfLog(ctx, session._id, page);
  },
});

/** The same for a server, which has checked who listens. */
export const tail = serviceQuery({
  args: { sessionId: v.id("sandboxSessions"), ...range },
  returns: logPage,
  handler: async (ctx, { sessionId, ...page }) => await pageOfLog(ctx, sessionId, page),
});

/** How far a log has come: a small answer that a server follows live. */
export const head = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.object({ seq: v.number() }),
  handler: async (ctx, { sessionId }) => ({ seq: (await streamOf(ctx, sessionId)).seq }),
});

const ending = v.union(
  v.object({ status: v.literal("completed"), output: v.string(), stopReason: v.string() }),
  v.object({ status: v.literal("failed"), error: v.string(), errorKind: v.string() }),
  v.object({ status: v.literal("cancelled"), message: v.string() }),
);

/**
 * Appends what the agent did, in one mutation with the cursor in the agent server's stream and what follows from it:
 * approvals are opened, and a run that ended frees its session.
 * @returns the log's last `seq`, and whether the agent acted without its decision, so that it must be ended
 * @throws lease_lost where another server holds the session
 */
export const append = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    /** Counts the generation's batches from 1; one that is stored already changes nothing. */
    batch: v.number(),
    cursor: v.optional(v.number()),
    held: v.optional(held),
    events: v.array(
      v.object({
        ...told,
        /** Of an approval: the id of the agent's question as JSON-RPC; of a question: the agent's own id of it. */
        rpcId: v.optional(v.string()),
      }),
    ),
    runEnd: v.optional(v.object({ runId: v.id("runs"), ending })),
  },
  returns: v.object({ seq: v.number(), violated: v.boolean() }),
  handler: async (ctx, { sessionId, generation, batch, cursor, held: ends, events, runEnd }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    const answer = () => ({
      seq: writer.stream.seq,
      violated: writer.session.agentRestart === "violation",
    });
    if (batch <= writer.stream.batches) return answer();
    writer.patchStream({ batches: batch });
    let broken = false;
    for (const { rpcId, payload, act = false, ...event } of events) {
      // The rest of what an agent said that is ended.
      if (broken) break;
      const draft = { ...event, payload: JSON.parse(payload) } as EventDraft;
      const asks = draft.type === "approval.requested" || draft.type === "question.requested";
      // Of an agent whose run has ended, by a violation too, what it did is kept; nobody answers it.
      if (asks && event.runId && (await ctx.db.get(event.runId))?.status !== "running") continue;
      if (draft.type === "approval.requested" && event.runId && rpcId !== undefined)
        await openApproval(writer, event.runId, rpcId, draft.payload);
      else if (draft.type === "question.requested" && event.runId && rpcId !== undefined)
        await openQuestion(writer, event.runId, rpcId, draft.payload);
      else {
        const seq = await writer.append(draft, { text: payload });
        if (event.runId && draft.type === "tool.requested")
          await noteCall(writer, event.runId, draft.payload, seq);
        if (event.runId && isResult(draft)) broken = await resultCame(writer, event.runId, draft, act);
      }
    }
    if (cursor !== undefined) writer.patchStream({ cursor, held: ends });
    if (runEnd) await endRun(writer, runEnd.runId, runEnd.ending);
    await writer.save();
    return answer();
  },
});

/**
 * Says how far the creation of a session has come, and what it waits for.
 * @throws lease_lost where another server makes this session meanwhile
 */
export const provisionStep = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    payload: v.string(),
    waitingFor: v.union(
      v.literal("sandbox"),
      v.literal("project-pull"),
      v.literal("agent-start"),
      v.literal("setup"),
    ),
  },
  returns: v.object({ live: v.boolean() }),
  handler: async (ctx, { sessionId, generation, payload, waitingFor }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    if (writer.session.status !== "provisioning") return { live: false };
    await writer.append({ type: "provision.step", source: "studio.provision", payload: JSON.parse(payload) });
    await writer.wait(waitingFor);
    await writer.save();
    return { live: true };
  },
});
