import { defineTable } from "convex/server";
import { v } from "convex/values";
import { ACT_KINDS } from "#domain/act-kinds.ts";
import { question } from "../model/returns.ts";
import { ofSession } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

export const approvalTables = {
  /** What agents ask leave for, and what was decided. */
  approvals: defineTable({
    ...ofSession,
    runId: v.id("runs"),
    key: v.string(),
    /** Id of the agent's question as JSON-RPC. */
    rpcId: v.string(),
    tool: v.string(),
    toolCallId: v.string(),
    summary: v.string(),
    /** JSON text: a tool's arguments, whose names may start with `$`, which the data model does not allow. */
    request: v.string(),
    /** The event in which it was asked, which has what would be changed. */
    seq: v.optional(v.number()),
    /** What an answer for the whole session would cover. */
    subject: v.optional(v.string()),
    expiresAt: v.number(),
    decision: v.union(
      v.literal("pending"),
      v.literal("approved"),
      v.literal("denied"),
      v.literal("bypassed"),
    ),
    /** In words, with `PERSON` in place of a name. */
    decidedBy: v.optional(v.string()),
    decidedById: v.optional(v.id("users")),
    decidedAt: v.optional(v.number()),
    /** How the decision came about, as the log has it. */
    reason: v.optional(v.string()),
    /** JSON text: what rules judge, without file contents; nothing where it is too long, or from before rules. */
    call: v.optional(v.string()),
    /** Of what kinds it is, and who started the run that it belongs to; of older ones the migration finds it. */
    acts: v.optional(v.array(literals(ACT_KINDS))),
    askedById: v.optional(v.id("users")),
    /** How often the same call was made in a row, where that is why it is asked. */
    sameCalls: v.optional(v.number()),
    /** What becomes of it at its deadline; without it, it is denied. */
    onExpiry: v.optional(v.union(v.literal("deny"), v.literal("park"))),
    /** When its session was parked while it waited. */
    parkedAt: v.optional(v.number()),
    /** True where it was approved then, and the agent has not asked again yet. */
    isCarried: v.optional(v.boolean()),
    /** What a person said to the agent who denied it then. */
    deniedBecause: v.optional(v.string()),
  })
    .index("by_session", ["sessionId"])
    .index("by_run", ["runId"])
    .index("by_run_key", ["runId", "key"])
    .index("by_run_rpc", ["runId", "rpcId"])
    .index("by_run_decision", ["runId", "decision"])
    .index("by_run_parked", ["runId", "parkedAt"])
    .index("by_run_call", ["runId", "toolCallId"])
    .index("by_organization_decision", ["organizationId", "decision"])
    .index("by_organization", ["organizationId"]),

  /** What the agent asks of a person, other than leave: see lib/domain/questions.ts. */
  questions: defineTable({
    ...ofSession,
    runId: v.id("runs"),
    key: v.string(),
    /** The agent's own name for it, by which it is answered. */
    agentId: v.string(),
    toolCallId: v.string(),
    /** JSON text in questions from before `asked`. */
    questions: v.optional(v.string()),
    asked: v.optional(v.array(question)),
    expiresAt: v.number(),
    onExpiry: v.optional(v.union(v.literal("deny"), v.literal("park"))),
    /** When its session was parked while it waited, and what was answered then. */
    parkedAt: v.optional(v.number()),
    answers: v.optional(v.array(v.array(v.string()))),
    outcome: v.union(v.literal("pending"), v.literal("answered"), v.literal("dismissed")),
    answeredById: v.optional(v.id("users")),
    /** Of questions from before names were looked up. */
    answeredBy: v.optional(v.string()),
    answeredAt: v.optional(v.number()),
  })
    .index("by_session_key", ["sessionId", "key"])
    .index("by_session_agent", ["sessionId", "agentId"])
    .index("by_run_parked", ["runId", "parkedAt"])
    .index("by_run_outcome", ["runId", "outcome"])
    .index("by_organization_outcome", ["organizationId", "outcome"])
    .index("by_organization", ["organizationId"]),

  /** What a person has allowed for the rest of a session. */
  approvalGrants: defineTable({
    ...ofSession,
    subject: v.string(),
    grantedById: v.optional(v.id("users")),
    /** Of grants from before names were looked up. */
    grantedBy: v.optional(v.string()),
  })
    .index("by_session_subject", ["sessionId", "subject"])
    .index("by_organization", ["organizationId"]),
};
