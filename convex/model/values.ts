import { v } from "convex/values";
import { ANSWER_NOTES } from "#domain/answers.ts";
import { APPROVER_ROLES, DEADLINE_ACTIONS } from "#domain/approvers.ts";
import { AUDIT_ACTORS, AUDIT_CHANNELS } from "#domain/audit.ts";
import { CALL_PURPOSES } from "#domain/completions.ts";
import { ENVIRONMENTS, KEY_SOURCES } from "#domain/catalog.ts";
import { LEDGER_KINDS } from "#domain/ledger.ts";
import { CHECKOUT_STATES } from "#domain/purchases.ts";
import { LEFT_OUT_REASONS } from "#domain/checkpoints.ts";
import { RUN_STATUSES, STATUSES, WAIT_CAUSES } from "#domain/lifecycle.ts";
import { LIMIT_SUBJECTS } from "#domain/monthly-limits.ts";
import { NOTIFICATION_CHANNELS, NOTIFICATION_KINDS } from "#domain/notifications.ts";
import { NETWORK_MODES, NETWORK_PRESET_IDS } from "#domain/network.ts";
import { ROLES } from "#domain/roles.ts";
import { DEFINITION_KINDS } from "#domain/definitions.ts";
import { PROJECT_KINDS, PROJECT_SOURCES } from "#domain/project/kinds.ts";
import { WORKSPACE_CHANGES } from "#domain/project/workspace.ts";
import { ACT_KINDS } from "#domain/act-kinds.ts";
import { ENV_VAR_POLICIES } from "#domain/skills.ts";
import { VARIABLE_REACHES } from "#domain/variables.ts";
import { literals } from "./zod-validator.ts";

/** The words of lib/domain as validators. */
export const environment = literals(ENVIRONMENTS);
export const role = literals(ROLES);
export const keySource = literals(KEY_SOURCES);
export const sessionStatus = literals(STATUSES);
export const waitCause = literals(WAIT_CAUSES);
export const answerNote = literals(ANSWER_NOTES);
export const runStatus = literals(RUN_STATUSES);
export const auditActor = literals(AUDIT_ACTORS);
export const auditChannel = literals(AUDIT_CHANNELS);
export const definitionKind = literals(DEFINITION_KINDS.map(({ kind }) => kind));
export const projectKind = literals(PROJECT_KINDS);
export const projectSource = literals(PROJECT_SOURCES);
export const workspaceChange = literals(WORKSPACE_CHANGES);

const channels = v.array(literals(NOTIFICATION_CHANNELS));
/** The ways by which a member is told of each kind of news. */
export const channelsByKind = v.object({
  approval: channels,
  question: channels,
  finished: channels,
  failed: channels,
  budget: channels,
});

export const notificationKinds = v.array(literals(NOTIFICATION_KINDS));

/** What an agent said, as a server tells it. */
export const told = {
  type: v.string(),
  source: v.string(),
  /** JSON, without secrets: the server that sends it knows all of them. */
  payload: v.string(),
  runId: v.optional(v.id("runs")),
  /** Of what came of a call: whether somebody had to decide on it. */
  act: v.optional(v.boolean()),
};

export const limitSubject = literals(LIMIT_SUBJECTS);
export const ledgerKind = literals(LEDGER_KINDS);
export const checkoutState = literals(CHECKOUT_STATES);

/** What each row of an organization's session has. */
export const ofSession = { organizationId: v.id("organizations"), sessionId: v.id("sandboxSessions") };

/** Why a person has a model call made. */
export const callPurpose = literals(CALL_PURPOSES);

/** Who has a model call made that no agent makes: a person, or their key. */
export const madeBy = v.object({
  organizationId: v.id("organizations"),
  userId: v.id("users"),
  keyId: v.optional(v.id("apiKeys")),
  purpose: callPurpose,
});

/** What a model call used, and what it cost in integer micro-USD; cached tokens are part of the input. */
export const spent = {
  inputTokens: v.number(),
  cachedTokens: v.number(),
  outputTokens: v.number(),
  costMicroUsd: v.number(),
};

/** What a sandbox takes of its machine. */
export const sandboxSize = v.object({ vcpus: v.number(), memoryMb: v.number() });

/** How many of a sum's calls are not what the provider said, and how long sandboxes ran; each left out where none did. */
export const countedApart = {
  estimatedCalls: v.optional(v.number()),
  unpricedCalls: v.optional(v.number()),
  sandboxMs: v.optional(v.number()),
};

/** Where a variable goes, and what it is for. */
export const variableFields = {
  name: v.string(),
  /** Null for the sessions of every environment. */
  environment: v.nullable(environment),
  description: v.string(),
  reach: literals(VARIABLE_REACHES),
};

/** A set-up script, and what it needs: see lib/domain/setup.ts. */
export const setupFields = {
  script: v.string(),
  /** Paths in the workspace: where one of them changes, the snapshot is stale. */
  lockfiles: v.array(v.string()),
  /** Names of variables without which the script cannot run. */
  requires: v.array(v.string()),
  timeoutSeconds: v.number(),
  /** How often the snapshot is built again; null for never. */
  rebuildHours: v.nullable(v.number()),
};
export const lockfileHash = v.object({
  path: v.string(),
  before: v.nullable(v.string()),
  after: v.nullable(v.string()),
});

/** A file that is not in a checkpoint. */
export const leftOut = v.object({
  path: v.string(),
  reason: literals(LEFT_OUT_REASONS),
  bytes: v.number(),
});

/** How many files a rewind has replaced. */
export const rewindCounts = v.object({ added: v.number(), changed: v.number(), deleted: v.number() });

/** Why an agent is restarted. */
export const agentRestart = literals([
  "payer",
  "agent_exited",
  "agent_silent",
  "stream_gap",
  "cancel_unheard",
  "violation",
  "rewound",
]);

/** Whether a model key works, as its last test or call found. */
export const providerStatus = literals(["active", "inactive", "error"]);

/** A model of an organization's own endpoint. */
export const endpointModel = v.object({
  id: v.string(),
  name: v.string(),
  contextTokens: v.number(),
  outputTokens: v.number(),
  /** Micro-USD for a million tokens, as an admin has set them; without it the cost of its calls is not known. */
  prices: v.optional(
    v.object({ priceInMicroUsd: v.number(), priceCachedMicroUsd: v.number(), priceOutMicroUsd: v.number() }),
  ),
});

/** What an organization decides for all of its sessions. */
export const settings = v.object({
  default_model: v.nullable(v.object({ provider: v.string(), model: v.string() })),
  raw_key_injection: v.boolean(),
  idle_timeout_minutes: v.number(),
  max_live_sessions: v.number(),
  session_log_retention_days: v.nullable(v.number()),
  saved_work_gb: v.number(),
  not_saved: v.array(v.string()),
  env_var_missing_policy: literals(ENV_VAR_POLICIES),
  approvers: v.array(
    v.object({
      environment,
      kind: literals(ACT_KINDS),
      role: literals(APPROVER_ROLES),
      someone_else: v.boolean(),
      someone_else_minutes: v.nullable(v.number()),
    }),
  ),
  approval_deadline_minutes: v.number(),
  approval_deadline_action: literals(DEADLINE_ACTIONS),
  sandbox_hours_per_month: v.nullable(v.number()),
});
/** How far an environment's sandboxes may reach: see lib/domain/network.ts. */
export const networkPolicy = {
  mode: literals(NETWORK_MODES),
  presets: v.array(literals(NETWORK_PRESET_IDS)),
  hosts: v.array(v.string()),
};
export const storedPolicy = v.object({ ...networkPolicy, revision: v.number() });

/** Some of the settings. */
export const someSettings = settings.partial().fields;

/** What a server must tell the agent. */
export const command = v.union(
  v.object({
    kind: v.literal("prompt"),
    runId: v.id("runs"),
    rpcId: v.string(),
    text: v.string(),
    /** The texts of the skills that the message names. */
    skills: v.optional(v.array(v.string())),
  }),
  v.object({
    kind: v.literal("decision"),
    rpcId: v.string(),
    optionId: v.string(),
    /** Which call it is about, and why it is refused, in words for the agent. */
    toolCallId: v.optional(v.string()),
    message: v.optional(v.string()),
  }),
  v.object({
    kind: v.literal("answer"),
    agentId: v.string(),
    answers: v.nullable(v.array(v.array(v.string()))),
  }),
  v.object({ kind: v.literal("cancel"), runId: v.id("runs") }),
);

/** Ends of texts that are not shown yet: see lib/server/acp/resume.ts. */
export const held = v.object({
  messageId: v.string(),
  text: v.string(),
  thought: v.optional(v.object({ id: v.string(), text: v.string() })),
  calls: v.optional(
    v.array(v.object({ id: v.string(), name: v.string(), kind: v.string(), startedAt: v.number() })),
  ),
});

/** A model key as its organization saves it. A compatible endpoint's id is `compatible:<slug>`. */
export const savedKey = {
  provider: v.string(),
  name: v.string(),
  baseUrl: v.optional(v.string()),
  /** Of a compatible endpoint alone: what it offers. */
  models: v.optional(v.array(endpointModel)),
  /** AES-256-GCM under the organization's data key; base64. */
  ciphertext: v.string(),
  /** Counts the saves, and is part of what the encryption is bound to. */
  version: v.number(),
  prefix: v.string(),
  last4: v.string(),
  status: providerStatus,
  statusDetail: v.optional(v.string()),
  verifiedAt: v.optional(v.number()),
};
