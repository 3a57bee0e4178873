import { NO_COUNTS } from "#domain/session-counts.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import { routedSavings } from "#domain/models.ts";
import type { EventDraft } from "#domain/events.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { type AgentPin, pinAgent } from "./agents.ts";
import { refuseSandbox } from "./metering.ts";
import { checkModel } from "./models.ts";
import { indexTitle } from "./search-texts.ts";
import { type Fixed, pinSession } from "./session-pins.ts";
import { SessionWriter } from "./session-writer.ts";
import { mayUse, refuseTooMany } from "./sessions.ts";
import { settingsOf } from "./settings.ts";
import { NO_TOTALS } from "./totals.ts";

type Fields = Pick<
  Doc<"sandboxSessions">,
  | "environment"
  | "provider"
  | "model"
  | "keySource"
  | "title"
  | "budgetCapMicroUsd"
  | "autoApprove"
  | "requestedModel"
  | "parentSessionId"
  | "parentTitle"
  | "branchFromSeq"
  | "skillsRoots"
>;

/** What else a session begins with. */
interface Beginning {
  notice?: string | undefined;
  /** What its agent is told to be. */
  agent?: AgentPin | null;
  repository?: string | undefined;
  /** What it has of a session that it repeats, whatever that is by now. */
  fixed?: Fixed | null;
  /** Which session it repeats, and what it can't have as that had it. */
  repeats?: { session_id: string; title: string; differs: string[] } | undefined;
  /** Writes the rows that belong to it, before its log begins. */
  rows?: (sessionId: Id<"sandboxSessions">) => Promise<void>;
  /** Comes right after `session.started`. */
  event?: EventDraft;
}

/**
 * Begins a session in `provisioning`, with the rows that each one has. The caller of this saves the writer.
 * @throws forbidden | session_limit | no_credits | unknown_provider | unknown_model
 */
export async function beginSession(
  ctx: MutationCtx,
  caller: Caller,
  fields: Fields,
  { notice, agent, repository, fixed = null, repeats, rows, event }: Beginning,
): Promise<SessionWriter> {
  const { organizationId } = caller;
  mayUse(caller, fields.environment);
  const settings = await settingsOf(ctx, organizationId);
  await refuseTooMany(ctx, organizationId, settings.max_live_sessions);
  await refuseSandbox(ctx, organizationId);
  await checkModel(ctx, organizationId, fields);
  const rawKey = settings.raw_key_injection && fields.keySource !== "platform";
  const now = Date.now();
  const sessionId = await ctx.db.insert("sandboxSessions", {
    ...fields,
    ...(rawKey && { rawKey }),
    ...(agent && { agentId: agent.agentId, agentName: agent.name }),
    ...(fields.autoApprove === true && { autoApproveById: caller.user._id }),
    // What a person says for their session outranks the agent.
    ...(agent?.toolsMode === "full" && fields.autoApprove === undefined && { autoApprove: true }),
    organizationId,
    userId: caller.user._id,
    status: "provisioning",
    waitingFor: "sandbox",
    sandboxProvider: "e2b",
    agentType: "opencode",
    idleTimeoutMs: settings.idle_timeout_minutes * 60_000,
    lastActivityAt: now,
    deadlineAt: now + DEADLINES.provisioningMs,
    cleanupPending: false,
  });
  await ctx.db.insert("sessionTotals", { organizationId, sessionId, ...NO_TOTALS });
  await ctx.db.insert("sessionStreams", {
    organizationId,
    sessionId,
    seq: 0,
    counts: NO_COUNTS,
    cursor: null,
    holder: null,
    // Nobody carries it yet: any server may.
    leaseUntil: 0,
    generation: 0,
    batches: 0,
    needsPump: true,
  });
  if (agent) await pinAgent(ctx, { organizationId, sessionId }, agent);
  await pinSession(ctx, (await ctx.db.get(sessionId))!, agent ?? null, fixed);
  await rows?.(sessionId);
  const writer = await SessionWriter.open(ctx, sessionId);
  await indexTitle(ctx, writer.session);
  await writer.append({
    type: "session.started",
    source: "studio.lifecycle",
    payload: {
      title: fields.title,
      environment: fields.environment,
      provider: fields.provider,
      model: fields.model,
      key_source: fields.keySource,
      ...(notice !== undefined && { notice }),
      ...(repository !== undefined && { repository }),
      ...(repeats && { repeats }),
      ...(agent && { agent_id: agent.agentId, agent_name: agent.name }),
    },
  });
  const { requestedModel } = fields;
  if (requestedModel !== undefined && notice !== undefined) {
    const savings = routedSavings(fields.provider, { asked: requestedModel, chosen: fields.model });
    await writer.append({
      type: "llm.routed",
      source: "studio.lifecycle",
      payload: {
        chosen_model: fields.model,
        reason: notice,
        ...(savings !== undefined && { estimated_savings: savings }),
        alternatives_considered: [requestedModel],
      },
    });
  }
  if (event) await writer.append(event, { personId: caller.user._id });
  await writer.append({
    type: "session.status",
    source: "studio.lifecycle",
    payload: { status: "provisioning", waiting_for: "sandbox" },
  });
  return writer;
}
