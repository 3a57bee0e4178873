import { defineSchema, defineTable } from "convex/server";
import { migrationsTable } from "convex-helpers/server/migrations";
import { v } from "convex/values";
import { checkpointTables } from "./tables/checkpoints.ts";
import { gitTables } from "./tables/git.ts";
import { agentTables } from "./tables/agents.ts";
import { approvalTables } from "./tables/approvals.ts";
import { auditTables } from "./tables/audit.ts";
import { billingTables } from "./tables/billing.ts";
import { ruleTables } from "./tables/rules.ts";
import { importTables } from "./tables/imports.ts";
import { limitTables } from "./tables/limits.ts";
import { meteringTables } from "./tables/metering.ts";
import { mcpTables } from "./tables/mcp.ts";
import { registryTables } from "./tables/registries.ts";
import { moneyTables } from "./tables/money.ts";
import { networkTables } from "./tables/network.ts";
import { notificationTables } from "./tables/notifications.ts";
import { operatorTables } from "./tables/operator.ts";
import { projectTables } from "./tables/project.ts";
import { sessionProjectTables } from "./tables/session-project.ts";
import { setupTables } from "./tables/setup.ts";
import { skillTables } from "./tables/skills.ts";
import { sandboxTables } from "./tables/sandboxes.ts";
import { supportTables } from "./tables/support.ts";
import { topUpTables } from "./tables/top-up.ts";
import { variableTables } from "./tables/variables.ts";
import { webhookTables } from "./tables/webhooks.ts";
import {
  agentRestart,
  command,
  environment,
  held,
  keySource,
  runStatus,
  sessionStatus,
  someSettings,
  waitCause,
  ofSession,
  savedKey,
} from "./model/values.ts";
import { sessionCounts, waitDetail } from "./model/returns.ts";
import { identityTables } from "./tables/identity.ts";

export default defineSchema({
  ...identityTables,
  ...auditTables,
  ...billingTables,
  ...approvalTables,
  ...agentTables,
  ...skillTables,
  ...moneyTables,
  ...limitTables,
  ...meteringTables,
  ...networkTables,
  ...notificationTables,
  ...operatorTables,
  ...projectTables,
  ...sessionProjectTables,
  ...setupTables,
  ...sandboxTables,
  ...gitTables,
  ...checkpointTables,
  ...importTables,
  ...mcpTables,
  ...registryTables,
  ...ruleTables,
  ...supportTables,
  ...topUpTables,
  ...variableTables,
  ...webhookTables,
  /** How far each change of stored data has come: see migrations.ts. */
  migrations: migrationsTable,
  /** Which server does what is due: one row at most. */
  sweepLeases: defineTable({ holder: v.string(), leaseUntil: v.number() }),

  sandboxSessions: defineTable({
    organizationId: v.id("organizations"),
    environment,
    userId: v.id("users"),
    /** Of sessions from before names were looked up by `userId`. */
    userName: v.optional(v.string()),
    title: v.string(),
    status: sessionStatus,
    waitingFor: v.union(waitCause, v.null()),
    waitDetail: v.optional(waitDetail),
    /** With `waitingFor` of `capacity`: its place among those who wait for room, from 1. */
    queuePlace: v.optional(v.number()),
    errorMessage: v.optional(v.string()),
    sandboxProvider: v.literal("e2b"),
    agentType: v.literal("opencode"),
    provider: v.string(),
    model: v.string(),
    /** What was asked for, where its provider has retired it and another took its place. */
    requestedModel: v.optional(v.string()),
    keySource,
    /** True where the key itself is in the sandbox: then its calls are not counted here. */
    rawKey: v.optional(v.boolean()),
    /** Of sessions from before `sessionTotals`. */
    totalInputTokens: v.optional(v.number()),
    totalCachedTokens: v.optional(v.number()),
    totalOutputTokens: v.optional(v.number()),
    totalCostMicroUsd: v.optional(v.number()),
    totalCreditsConsumed: v.optional(v.number()),
    heldMicroUsd: v.optional(v.number()),
    /** What the session may cost; without it there is no cap. */
    budgetCapMicroUsd: v.optional(v.number()),
    sandboxId: v.optional(v.string()),
    /** The revision of its environment's network policy that its sandbox follows. */
    networkRevision: v.optional(v.number()),
    /** What it was started with: see `sessionAgents`. */
    agentId: v.optional(v.id("agents")),
    agentName: v.optional(v.string()),
    /** Folders of its workspace that hold skills; without it the default one alone, empty for none. */
    skillsRoots: v.optional(v.array(v.string())),
    agentSessionId: v.optional(v.string()),
    acpServerId: v.optional(v.string()),
    activeRunId: v.optional(v.id("runs")),
    /** True from when nobody has answered in time until its work is saved, and it is parked. */
    parking: v.optional(v.boolean()),
    /** True from when no credits are left for its sandbox: it stops once its turn is over, and its work saved. */
    isUnpaid: v.optional(v.boolean()),
    /** The same where its organization was frozen. */
    isFrozen: v.optional(v.boolean()),
    /** While its run waits for people: since when, and when the run would have been over without that. */
    waitedFrom: v.optional(v.object({ at: v.number(), deadlineAt: v.number() })),
    /** True where every question of the agent is answered with yes, and logged. */
    autoApprove: v.optional(v.boolean()),
    /** Who has it so; nobody where its agent does. */
    autoApproveById: v.optional(v.id("users")),
    /** Why the agent must be restarted before it can go on. */
    agentRestart: v.optional(agentRestart),
    idleTimeoutMs: v.number(),
    lastActivityAt: v.number(),
    /** When the present state ends by itself; 0 where it does not. */
    deadlineAt: v.number(),
    /** True from the end of the session until its sandbox is known to be gone. */
    cleanupPending: v.boolean(),
    stoppedAt: v.optional(v.number()),
    /** When a person put it away; without it, it stands in the lists. */
    archivedAt: v.optional(v.number()),
    /** When a person deleted it: it is there for nobody any more, and what is left of it goes within a day. */
    deletedAt: v.optional(v.number()),
    /** Where it was imported from an export: when. It is read, and nothing else is done with it. */
    importedAt: v.optional(v.number()),
    /** When its log was removed, as the organization's retention has it. */
    logRemovedAt: v.optional(v.number()),
    /** Its latest verified checkpoint, when that was taken, and how large its workspace was. */
    checkpointId: v.optional(v.id("checkpoints")),
    savedAt: v.optional(v.number()),
    savedBytes: v.optional(v.number()),
    /** The last turn that its conversation holds; null where it was rewound to its beginning. */
    lastTurn: v.optional(v.nullable(v.id("runs"))),
    /** Where in the log that turn ended. */
    lastTurnSeq: v.optional(v.number()),
    /** How that turn, or the last rewind, has left the files; absent until that is saved. */
    turnCheckpointId: v.optional(v.id("checkpoints")),
    /** True while its files and its conversation are of different turns, since only one of them went back. */
    isMixed: v.optional(v.boolean()),
    /** The rewind that is under way, and the one that can be undone. */
    rewindId: v.optional(v.id("sessionRewinds")),
    undoableId: v.optional(v.id("sessionRewinds")),
    /** Where it was resumed: since when, and the last event before. */
    resumedAt: v.optional(v.number()),
    resumedSeq: v.optional(v.number()),
    /** Where it is a branch: the session that it comes from, that one's title then, and the last event that it has of it. */
    parentSessionId: v.optional(v.id("sandboxSessions")),
    parentTitle: v.optional(v.string()),
    branchFromSeq: v.optional(v.number()),
    /** What the agent is told with the next message, since it has lost what was said before. */
    recap: v.optional(v.string()),
  })
    .index("by_organization", ["organizationId"])
    .index("by_organization_status", ["organizationId", "status"])
    .index("by_organization_archived", ["organizationId", "archivedAt"])
    .index("by_organization_status_archived", ["organizationId", "status", "archivedAt"])
    .index("by_organization_environment_archived", ["organizationId", "environment", "archivedAt"])
    .index("by_user_organization_archived", ["userId", "organizationId", "archivedAt"])
    .index("by_organization_agent_archived", ["organizationId", "agentId", "archivedAt"])
    .index("by_retention", ["organizationId", "logRemovedAt", "lastActivityAt"])
    .index("by_user", ["userId"])
    .index("by_user_organization", ["userId", "organizationId"])
    .index("by_user_organization_status", ["userId", "organizationId", "status"])
    .index("by_deadline", ["deadlineAt"])
    .index("by_cleanup", ["cleanupPending"])
    .index("by_sandbox", ["sandboxId"]),

  /**
   * What is found of a session by its words: its title (part 0), and what was asked and answered in it, in parts. It
   * follows the runs, and nothing but the search reads it.
   */
  searchTexts: defineTable({
    ...ofSession,
    userId: v.id("users"),
    environment,
    archived: v.boolean(),
    part: v.number(),
    text: v.string(),
  })
    .index("by_session_part", ["sessionId", "part"])
    .index("by_organization", ["organizationId"])
    .searchIndex("by_text", {
      searchField: "text",
      filterFields: ["organizationId", "userId", "environment", "archived"],
    }),

  /** What changes with every event, apart from the session, so that lists are not run again for it. */
  sessionStreams: defineTable({
    ...ofSession,
    seq: v.number(),
    /** The agent's last call, by a hash of what it is, and how often it was made in a row: see model/same-calls.ts. */
    sameCall: v.optional(
      v.object({
        runId: v.id("runs"),
        callId: v.string(),
        hash: v.string(),
        count: v.number(),
        /** The event in which it was asked for. */
        seq: v.number(),
        /** Where it was denied: `call`, and the agent knows; `run`, and its run goes on no more. */
        denied: v.optional(v.union(v.literal("call"), v.literal("run"))),
      }),
    ),
    /** What its log has had; nothing of logs from before it was counted. */
    counts: v.optional(sessionCounts),
    /** True where its log was imported, and is in `importedEvents`. */
    isImported: v.optional(v.boolean()),
    /** Id of the last entry taken from the agent server's own stream. */
    cursor: v.union(v.number(), v.null()),
    /** Text up to there that is in no event yet, since it may be the beginning of a secret: never a whole one. */
    held: v.optional(held),
    /** The lease: who may write for the agent, until when, and how often it has changed hands. */
    holder: v.union(v.string(), v.null()),
    leaseUntil: v.number(),
    generation: v.number(),
    /** How many batches of events this generation has stored: a batch that is sent again is passed over. */
    batches: v.number(),
    /** True while a server must hold the lease. */
    needsPump: v.boolean(),
  })
    .index("by_session", ["sessionId"])
    .index("by_lease", ["needsPump", "leaseUntil"])
    .index("by_organization", ["organizationId"]),

  sessionEvents: defineTable({
    ...ofSession,
    runId: v.optional(v.id("runs")),
    seq: v.number(),
    type: v.string(),
    ts: v.number(),
    source: v.string(),
    /** JSON text: its keys may start with `$`, which the data model does not allow. */
    payload: v.string(),
    /** Whose name stands in the payload where that has `PERSON`: see lib/domain/event-people.ts. */
    personId: v.optional(v.id("users")),
    costMicroUsd: v.optional(v.number()),
  })
    .index("by_session_seq", ["sessionId", "seq"])
    .index("by_organization", ["organizationId"]),

  /** Texts that are too long for an event, such as a command's whole output. */
  artifacts: defineTable({
    ...ofSession,
    kind: v.union(v.literal("output"), v.literal("diff")),
    text: v.string(),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  runs: defineTable({
    ...ofSession,
    userId: v.id("users"),
    agentId: v.optional(v.id("agents")),
    agentName: v.optional(v.string()),
    /** Of its session. */
    provider: v.optional(v.string()),
    model: v.optional(v.string()),
    input: v.string(),
    /** UUID of the prompt as JSON-RPC, so that its answer is known again after a change of hands. */
    rpcId: v.string(),
    /** The trace of the request that sent its message (W3C Trace Context), where traces are made. */
    traceparent: v.optional(v.string()),
    status: runStatus,
    output: v.optional(v.string()),
    error: v.optional(v.string()),
    errorKind: v.optional(v.string()),
    totalInputTokens: v.number(),
    totalOutputTokens: v.number(),
    totalCostMicroUsd: v.number(),
    /** What of its cost credits have paid, and what of that was given back, since it failed for the platform's fault. */
    chargedMicroUsd: v.optional(v.number()),
    refundedMicroUsd: v.optional(v.number()),
    /** When a person asked for its end, while it was running. */
    cancelRequestedAt: v.optional(v.number()),
    /** The pursuit of green whose attempt it is, and what it may cost at most; integer micro-USD. */
    pursuitId: v.optional(v.id("greenPursuits")),
    maxCostMicroUsd: v.optional(v.number()),
    /** True where no person has started it: an API key, or a pursuit. */
    isUnattended: v.optional(v.boolean()),
    /** The API key that has started it. */
    keyId: v.optional(v.id("apiKeys")),
    /** True where its sandbox was lost before its agent was sent it, and the session went on for it. */
    isCarriedOver: v.optional(v.boolean()),
    /** When its session was parked last, since nobody answered what it asked. */
    parkedAt: v.optional(v.number()),
    /** When it last called a model through the gateway. */
    lastCallAt: v.optional(v.number()),
    /** How many of its last calls, one after another, brought it no further, and why the last one did not. */
    fruitlessCalls: v.optional(v.number()),
    fruitlessReason: v.optional(v.string()),
    /** How often its agent had to be restarted because it had ended by itself. */
    restarts: v.optional(v.number()),
    startedAt: v.optional(v.number()),
    startedSeq: v.optional(v.number()),
    /** The event that says its end. */
    endedSeq: v.optional(v.number()),
    /** The turn before it in the conversation; null for none. */
    previousTurn: v.optional(v.nullable(v.id("runs"))),
    completedAt: v.optional(v.number()),
    /** True once it is part of `agentDaily`; runs from before that are added by a migration. */
    agentCounted: v.optional(v.boolean()),
  })
    .index("by_session", ["sessionId"])
    .index("by_session_status", ["sessionId", "status"])
    .index("by_organization", ["organizationId"])
    .index("by_organization_status", ["organizationId", "status"])
    .index("by_organization_agent", ["organizationId", "agentId"])
    .index("by_user_organization", ["userId", "organizationId"]),

  /** What a server must still tell the agent, in order. */
  sessionCommands: defineTable({
    ...ofSession,
    status: v.union(v.literal("queued"), v.literal("sending"), v.literal("done")),
    /** The lease under which it was marked `sending`. */
    generation: v.optional(v.number()),
    /** The trace that it belongs to. */
    traceparent: v.optional(v.string()),
    command,
  })
    .index("by_status", ["status"])
    .index("by_session_status", ["sessionId", "status"])
    .index("by_organization", ["organizationId"]),

  /** An organization's own model keys, encrypted: Convex never sees one. A compatible endpoint's id is `compatible:<slug>`. */
  providerKeys: defineTable({
    organizationId: v.id("organizations"),
    ...savedKey,
    updatedAt: v.number(),
  }).index("by_provider", ["organizationId", "provider"]),

  /** Each organization's data key, wrapped by the operator's key of that version. */
  dataKeys: defineTable({
    organizationId: v.id("organizations"),
    wrapped: v.string(),
    kekVersion: v.number(),
  })
    .index("by_organization", ["organizationId"])
    .index("by_version", ["kekVersion"]),

  /** What an organization decides for all of its sessions; what is not there has its default. */
  organizationSettings: defineTable({
    organizationId: v.id("organizations"),
    ...someSettings,
  })
    .index("by_organization", ["organizationId"])
    .index("by_retention", ["session_log_retention_days"]),
});
