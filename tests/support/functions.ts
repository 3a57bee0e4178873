import type { Role, Scope } from "#domain/roles.ts";

/** Ids of one organization's rows, that the others must not reach. */
export interface Ids {
  organizationId: string;
  userId: string;
  sessionId: string;
  runId: string;
  keyId: string;
  commandId: string;
  dataKeyId: string;
  policyId: string;
  setupScriptId: string;
  setupBuildId: string;
}

export type Access =
  | {
      /** An actor's function is called by a server, for a member or a key. */
      for: "member" | "actor";
      min: Role;
      scope: Scope;
      args: (ids: Ids) => Record<string, unknown>;
      foreign: "not_found" | "own";
    }
  | { for: "service"; args: (ids: Ids) => Record<string, unknown> };

const page = { paginationOpts: { numItems: 5, cursor: null } };
const usage = {
  requestId: "r",
  keySource: "platform",
  provider: "demo",
  model: "demo",
  inputTokens: 1,
  cachedTokens: 0,
  outputTokens: 1,
  costMicroUsd: 1,
};
const key = {
  provider: "xai",
  status: "active",
  name: "xAI",
  ciphertext: "x",
  version: 1,
  prefix: "",
  last4: "",
};

const variable = { name: "A", environment: null, description: "", reach: "agent" };

const setupPlace = { environment: "development", scope: "project" };
const gitConnection = {
  slug: "house",
  kind: "git",
  name: "House",
  baseUrl: "https://git.example.com",
  username: "studio",
  repositories: ["acme/shop"],
  status: "active",
};

const external = { driver: "test", userId: "u", organizationId: "o" };

const member = (
  min: Role,
  scope: Scope,
  foreign: "not_found" | "own",
  args: (ids: Ids) => Record<string, unknown> = () => ({}),
): Access => ({ for: "member", min, scope, foreign, args });
const actor: typeof member = (...needs) => ({ ...member(...needs), for: "actor" }) as Access;
const service = (args: (ids: Ids) => Record<string, unknown> = () => ({})): Access => ({
  for: "service",
  args,
});

/**
 * Every public function, who may call it, and with what. `foreign` says what another organization's admin gets:
 * `not_found` where the arguments name a row, `own` where there is nothing to name but what is one's own.
 */
export const FUNCTIONS: Record<string, Access> = {
  "sandboxSessions:create": actor("member", "sessions:write", "own", () => ({
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
  })),
  "sandboxSessions:get": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "sessionLists:search": member("viewer", "sessions:read", "own", () => page),
  "sessionLists:live": member("viewer", "sessions:read", "own", () => page),
  "sessionLists:totals": member("viewer", "sessions:read", "own", ({ sessionId }) => ({
    sessionIds: [sessionId],
  })),
  "sessionLists:archive": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    archived: false,
  })),
  "sandboxSessions:update": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    title: "mine",
  })),
  "sandboxSessions:keepalive": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
  })),
  "sandboxSessions:stop": member("member", "sessions:write", "not_found", ({ sessionId }) => ({ sessionId })),
  "sandboxSessions:forServer": service(({ sessionId }) => ({ sessionId })),
  "sandboxSessions:attachSandbox": service(({ sessionId }) => ({ sessionId, generation: 1, sandboxId: "x" })),
  "sandboxSessions:finishProvisioning": service(({ sessionId }) => ({
    sessionId,
    generation: 1,
    agentSessionId: "a",
    acpServerId: "b",
    durationMs: 1,
  })),
  "sandboxSessions:fail": service(({ sessionId }) => ({
    sessionId,
    generation: 1,
    error: "e",
    errorKind: "k",
  })),
  "due:late": service(() => ({ now: 0 })),
  "due:lapsed": service(() => ({ now: 0 })),
  "due:cleanup": service(() => ({})),
  "due:networks": service(() => ({})),
  "due:setups": service(() => ({ now: 0 })),
  "due:snapshots": service(() => ({})),
  "setupScripts:list": member("viewer", "settings:read", "own"),
  "setupScripts:output": member("viewer", "settings:read", "own", () => setupPlace),
  "setupScripts:save": member("admin", "settings:write", "own", () => ({
    ...setupPlace,
    script: "true",
    lockfiles: [],
    requires: [],
    timeoutSeconds: 60,
    rebuildHours: null,
  })),
  "setupScripts:remove": member("admin", "settings:write", "not_found", () => setupPlace),
  "setupScripts:rebuild": member("admin", "settings:write", "not_found", () => setupPlace),
  "setupBuilds:claim": service(({ setupScriptId }) => ({
    scriptId: setupScriptId,
    snapshotId: "s",
    template: "t",
    key: { hash: "h", last4: "l" },
  })),
  "setupBuilds:variables": service(({ setupBuildId }) => ({ buildId: setupBuildId })),
  "setupBuilds:progress": service(({ setupBuildId }) => ({ buildId: setupBuildId })),
  "setupBuilds:finish": service(({ setupBuildId }) => ({
    buildId: setupBuildId,
    result: { status: "failed", error: "e" },
  })),
  "setupBuilds:removed": service(({ setupBuildId }) => ({ buildId: setupBuildId })),
  "setupBuilds:forSession": service(({ sessionId }) => ({ sessionId, scope: "project", template: "t" })),
  "setupBuilds:spoiled": service(({ setupBuildId }) => ({ buildId: setupBuildId, cause: "stale" })),
  "setupBuilds:runsInSession": service(({ sessionId }) => ({ sessionId, generation: 0, timeoutMs: 1 })),
  "setupBuilds:sessionOutput": service(({ sessionId }) => ({ sessionId, generation: 0, delta: "d" })),
  "networkPolicies:get": member("viewer", "settings:read", "own"),
  "networkPolicies:set": member("admin", "settings:write", "own", () => ({
    environment: "development",
    mode: "listed",
    presets: ["npm"],
    hosts: ["registry.example.com"],
  })),
  "networkPolicies:allowHost": member("admin", "settings:write", "own", () => ({
    environment: "development",
    host: "registry.example.com",
  })),
  "networkPolicies:claim": service(({ policyId }) => ({ policyId })),
  "networkPolicies:applied": service(({ sessionId }) => ({ sessionId, sandboxId: "x", revision: 1 })),
  "networkPolicies:settle": service(({ policyId }) => ({ policyId, revision: 1, done: true })),
  "networkRefusals:record": service(({ sessionId }) => ({ sessionId, sandboxId: "x", refused: [] })),
  "warmSandboxes:admit": service(({ sessionId }) => ({ sessionId, generation: 1, kind: "k", limit: 1 })),
  "warmSandboxes:plan": service(() => ({ kind: "k", wanted: 0, limit: null, mayStart: false })),
  "warmSandboxes:attach": service(() => ({ warmId: "w", sandboxId: "x" })),
  "warmSandboxes:ready": service(() => ({ warmId: "w", bridge: 1, until: 1 })),
  "warmSandboxes:discard": service(() => ({ warmId: "w" })),
  "warmSandboxes:ended": service(() => ({ warmId: "w" })),
  "warmSandboxes:waiting": service(),
  "warmSandboxes:sessionsOf": service(() => ({ sandboxIds: ["sandbox"] })),
  "due:holds": service(() => ({ now: 0 })),
  "sandboxSessions:expire": service(({ sessionId }) => ({ sessionId })),
  "sandboxSessions:cleanedUp": service(({ sessionId }) => ({ sessionId })),
  "projectSummaries:names": member("viewer", "project:read", "own", () => ({ environment: "development" })),
  "workspaceFiles:processEnded": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    pid: 7,
    command: "sleep 1",
  })),
  "workspaceFiles:changed": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    path: "a.ts",
  })),
  "runs:start": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    message: "m",
  })),
  "runs:get": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "runs:cancel": member("member", "sessions:write", "not_found", ({ sessionId }) => ({ sessionId })),
  "approvals:pending": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "approvals:decide": member("member", "approvals:write", "not_found", ({ runId }) => ({
    runId,
    key: "k",
    decision: "approved",
  })),
  "questions:pending": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "questions:answer": member("member", "approvals:write", "not_found", ({ runId }) => ({
    within: { runId },
    key: "k",
    answers: null,
  })),
  "events:list": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({
    sessionId,
    after: 0,
    limit: 5,
  })),
  "sessionAgent:reach": service(({ sessionId }) => ({ sessionId, generation: 1, broken: true })),
  "events:tail": service(({ sessionId }) => ({ sessionId, after: 0, limit: 5 })),
  "events:head": service(({ sessionId }) => ({ sessionId })),
  "events:append": service(({ sessionId }) => ({ sessionId, generation: 1, batch: 1, events: [] })),
  "events:provisionStep": service(({ sessionId }) => ({
    sessionId,
    generation: 1,
    payload: "{}",
    waitingFor: "sandbox",
  })),
  "sweepLease:claim": service(() => ({ holder: "h" })),
  "sweepLease:release": service(() => ({ holder: "h" })),
  "sessionLeases:waiting": service(),
  "sessionLeases:claim": service(({ sessionId }) => ({ sessionId, holder: "h" })),
  "sessionLeases:renew": service(({ sessionId }) => ({ sessionId, generation: 1 })),
  "sessionLeases:release": service(({ sessionId }) => ({ sessionId, generation: 1 })),
  "sessionCommands:inbox": service(({ sessionId }) => ({ sessionId })),
  "sessionCommands:markSending": service(({ commandId }) => ({ commandId, generation: 1 })),
  "sessionCommands:markDone": service(({ commandId }) => ({ commandId })),
  "apiKeys:create": actor("admin", "keys:write", "own", () => ({
    name: "k",
    hash: "0".repeat(64),
    last4: "abcd",
    scopes: [],
    environment: "development",
  })),
  "apiKeys:list": member("admin", "keys:read", "own", () => page),
  "apiKeys:revoke": member("admin", "keys:write", "not_found", ({ keyId }) => ({ keyId })),
  "apiKeys:touch": service(({ keyId }) => ({ keyId })),
  "apiKeys:createForSandbox": service(({ sessionId }) => ({ sessionId, generation: 1, keys: [] })),
  "apiKeys:authenticate": service(() => ({ hash: "h" })),
  "apiKeys:gatewaySession": service(() => ({ hash: "h" })),
  "organizationEvents:head": member("viewer", "sessions:read", "own"),
  "organizationEvents:headOf": service(({ organizationId }) => ({ organizationId })),
  "organizationEvents:tail": service(({ organizationId }) => ({ organizationId, after: 0 })),
  "warmSandboxes:orphans": service(() => ({ sandboxIds: ["sandbox"] })),
  "migrations:start": service(),
  "migrations:status": service(),
  "audit:list": member("admin", "audit:read", "own", () => page),
  "artifacts:get": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({
    sessionId,
    artifactId: sessionId,
  })),
  "organizationSettings:get": member("viewer", "settings:read", "own"),
  "organizationSettings:set": member("admin", "settings:write", "own", () => ({ idle_timeout_minutes: 30 })),
  "sessionPayer:change": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    keySource: "platform",
    restart: false,
  })),
  "sessionAgent:restarted": service(({ sessionId }) => ({
    sessionId,
    generation: 0,
    acpServerId: "a",
    cursor: 0,
    rpcId: "r",
    events: [],
  })),
  "sessionAgent:waits": service(({ sessionId }) => ({ sessionId })),
  "sessionAgent:startOfRun": service(({ runId }) => ({ runId })),
  "sessionAgent:lost": service(({ sessionId }) => ({ sessionId, generation: 0, cause: "agent_exited" })),
  "sessionAgent:unheard": service(({ sessionId, runId }) => ({ sessionId, generation: 0, runId })),
  "usage:reserve": service(({ sessionId }) => ({
    sessionId,
    requestId: "r",
    keySource: "platform",
    inputMicroUsd: 1,
    outputMicroUsdPerMillion: 1,
    maxOutputTokens: 1,
  })),
  "usage:record": service(({ sessionId }) => ({ sessionId, ...usage })),
  "usage:recordError": service(({ sessionId }) => ({
    sessionId,
    requestId: "r",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    error: "e",
    status: 500,
    waits: true,
  })),
  "usage:release": service(() => ({ requestId: "r" })),
  "usage:renewHolds": service(() => ({ requestIds: [] })),
  "usageReports:page": member("member", "billing:read", "own", () => ({ from: "2026-01-01", ...page })),
  "exports:page": member("admin", "organization:export", "own", () => ({ table: "sessions", ...page })),
  "exports:organization": member("admin", "organization:export", "own"),
  "exports:profile": member("viewer", "sessions:read", "own"),
  "exports:ownSessions": member("viewer", "sessions:read", "own", () => page),
  "credits:balance": member("member", "billing:read", "own"),
  "credits:ledger": member("admin", "billing:read", "own", () => page),
  "credits:grant": service(({ organizationId }) => ({
    organizationId,
    key: "k",
    amountMicroUsd: 1,
    description: "d",
  })),
  "credits:grantByOperator": service(({ organizationId }) => ({
    organization: organizationId,
    key: "operator",
    amountMicroUsd: 1,
    reason: "r",
  })),
  "providerKeys:list": member("viewer", "providers:read", "own"),
  "providerKeys:forSaving": actor("admin", "providers:write", "own", () => ({ provider: "xai" })),
  "providerKeys:save": actor("admin", "providers:write", "own", () => ({
    ...key,
    dataKey: { wrapped: "w", kekVersion: 1 },
  })),
  "providerKeys:remove": member("admin", "providers:write", "not_found", () => ({ provider: "openai" })),
  "providerKeys:noteTest": actor("admin", "providers:write", "not_found", () => ({
    provider: "openai",
    status: "active",
  })),
  "providerKeys:sealed": service(({ organizationId }) => ({ organizationId, provider: "openai" })),
  "providerKeys:means": service(({ organizationId }) => ({ organizationId })),
  "providerKeys:markRejected": service(({ organizationId }) => ({
    organizationId,
    provider: "openai",
    statusDetail: "d",
  })),
  "providerKeys:dataKeysBefore": service(() => ({ kekVersion: 1 })),
  "providerKeys:rewrap": service(({ dataKeyId }) => ({
    id: dataKeyId,
    before: "b",
    wrapped: "w",
    kekVersion: 2,
  })),
  "gitConnections:list": member("viewer", "settings:read", "own"),
  "gitConnections:forSaving": actor("admin", "settings:write", "own", () => ({ slug: "house" })),
  "gitConnections:save": actor("admin", "settings:write", "own", () => ({
    ...gitConnection,
    sealed: { ciphertext: "c", version: 1, last4: "zzzz" },
    dataKey: { wrapped: "w", kekVersion: 1 },
  })),
  "gitConnections:remove": member("admin", "settings:write", "not_found", () => ({ slug: "house" })),
  "gitConnections:noteTest": actor("admin", "settings:write", "not_found", () => ({
    slug: "house",
    status: "active",
  })),
  "gitConnections:sealed": service(({ organizationId }) => ({ organizationId, slug: "house" })),
  "gitConnections:markRejected": service(({ organizationId }) => ({
    organizationId,
    slug: "house",
    version: 1,
    statusDetail: "d",
  })),
  "sessionRepositories:list": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({
    sessionId,
  })),
  "sessionRepositories:resolve": actor("member", "sessions:write", "not_found", () => ({
    connection: "house",
    url: "acme/shop",
  })),
  "sessionRepositories:forSession": service(({ sessionId }) => ({ sessionId })),
  "sessionRepositories:ofToken": service(() => ({ hash: "h", connection: "house", repository: "acme/shop" })),
  "sessionRepositories:committer": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    folder: "shop",
  })),
  "sessionRepositories:nameBranch": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    folder: "shop",
    branch: "topic",
  })),
  "sessionRepositories:acted": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    folder: "shop",
    act: "commit",
    subject: "s",
  })),
  "sessionRepositories:pushed": service(({ sessionId }) => ({
    sessionId,
    connection: "house",
    repository: "acme/shop",
    branches: [],
  })),
  "sessionRepositories:notePullRequest": service(({ sessionId }) => ({
    sessionId,
    folder: "shop",
    pullRequest: { number: 1, url: "https://git.example.com/1", title: "t", state: "open" },
  })),
  "variables:list": member("viewer", "settings:read", "own"),
  "variables:forSaving": actor("admin", "settings:write", "own", () => ({ name: "A", environment: null })),
  "variables:save": actor("admin", "settings:write", "own", () => ({
    ...variable,
    sealed: { ciphertext: "c", version: 1 },
    dataKey: { wrapped: "w", kekVersion: 1 },
  })),
  "variables:remove": member("admin", "settings:write", "not_found", () => ({
    name: "NONE",
    environment: null,
  })),
  "variables:forSession": service(({ sessionId }) => ({ sessionId })),
  "variables:keep": service(({ sessionId }) => ({
    sessionId,
    generation: 0,
    ciphertext: "c",
    wrapped: "w",
  })),
  "variables:kept": service(({ sessionId }) => ({ sessionId })),
  "identity:mirror": service(() => ({
    driver: "test",
    user: { externalId: "u", name: "n", email: "e" },
    organization: { externalId: "o", name: "n", slug: "s" },
    role: "viewer",
    assertedAt: 1,
    welcomeMicroUsd: 0,
  })),
  "identity:setRole": service(() => ({ ...external, role: "viewer" })),
  "identity:removeMember": service(() => external),
  "identity:removeUser": service(() => ({ driver: "test", userId: "u" })),
  "identity:notePasswordReset": service(() => ({ driver: "test", userId: "u" })),
  "identity:removeOrganization": service(() => ({ driver: "test", organizationId: "o" })),
};
