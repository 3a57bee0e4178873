/** How each write of a member is called in tests/convex/audit.test.ts. */

import { EXPORTED_SESSION } from "#tests/exported-session.ts";
import { PUSH_SUBSCRIPTION } from "#tests/notification-routes.ts";
import { hashOf } from "./support.ts";
import {
  AGENT,
  CONNECTION,
  DESTINATION,
  PROJECT_CHANGE,
  REGISTRY,
  RULE,
  SERVER,
  SETUP,
  SETUP_PLACE,
  SKILL,
} from "./things.ts";

/** A login that waits for a person. */
export const COMMAND_LOGIN_ROW = {
  secretHash: hashOf("login"),
  code: "BCDF-GHJK",
  flow: "device",
  machine: "m",
  environment: "development",
  keyHash: hashOf("login key"),
  keyLast4: "kkkk",
} as const;

export const KEY = { name: "nightly", last4: "abcd", environment: "development" } as const;

/** What each public write of a member is called with here, so that it changes something. */
export const WRITES: Record<
  string,
  (at: {
    sessionId: string;
    runId: string;
    keyId: string;
    agentId: string;
    skillId: string;
    offerId: string;
    ruleId: string;
    serverId: string;
    importId: string;
    destinationId: string;
  }) => object
> = {
  "sandboxSessions:create": () => ({
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
  }),
  "purchases:begin": () => ({ checkoutId: "cs_1", amountMicroUsd: 5_000_000 }),
  "purchases:notePortal": () => ({}),
  "supportAccess:grant": () => ({ hours: 8, reason: "A ticket" }),
  "supportAccess:end": () => ({}),
  "topUps:set": () => ({ isOn: false, amountCents: 500, thresholdCents: 100, monthlyMaxCents: 500 }),
  "sessionImports:begin": () => ({ format: "jsonl" }),
  "sessionImports:append": ({ importId }) => ({
    importId,
    from: 1,
    events: [JSON.stringify(EXPORTED_SESSION.events[0])],
  }),
  "sessionImports:finish": ({ importId }) => ({ importId, title: "t", provider: "demo", model: "demo" }),
  "sessionImports:abandon": ({ importId }) => ({ importId }),
  "directTools:begin": ({ sessionId }) => ({ sessionId, commandId: "c", command: "true" }),
  "directTools:end": ({ sessionId }) => ({
    sessionId,
    commandId: "c",
    command: "true",
    exitCode: 0,
    timedOut: false,
    durationMs: 1,
    output: "",
  }),
  "sessionProject:push": ({ sessionId }) => ({
    sessionId,
    revision: 1,
    definitions: [{ kind: "role", slug: "agent", seen: null }],
    allowDeletions: true,
  }),
  "sessionProject:takeBack": ({ sessionId }) => ({ sessionId, revision: 2 }),
  "sessionProject:compare": ({ sessionId }) => ({ sessionId, revision: 1 }),
  "sandboxSessions:update": ({ sessionId }) => ({ sessionId, title: "new" }),
  "sandboxSessions:stop": ({ sessionId }) => ({ sessionId }),
  "sessionResume:start": ({ sessionId }) => ({ sessionId }),
  "headlessRuns:start": () => ({
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
    message: "m",
  }),
  "sessionDeletion:remove": ({ sessionId }) => ({ sessionId }),
  "sessionBranches:create": ({ sessionId }) => ({
    sessionId,
    fromSeq: 1,
    provider: "demo",
    model: "demo",
    keySource: "platform",
  }),
  "sessionRewinds:start": ({ sessionId, runId }) => ({
    sessionId,
    what: "conversation",
    beforeRunId: runId,
    overwrite: [],
    keep: [],
  }),
  "sessionCheckpoints:request": ({ sessionId }) => ({ sessionId }),
  "sessionLists:archive": ({ sessionId }) => ({ sessionId, archived: true }),
  "workspaceFiles:changed": ({ sessionId }) => ({ sessionId, path: "a.ts" }),
  "workspaceFiles:processEnded": ({ sessionId }) => ({ sessionId, pid: 7, command: "sleep 1" }),
  "runs:start": ({ sessionId }) => ({ sessionId, message: "hi" }),
  "runs:cancel": ({ sessionId }) => ({ sessionId }),
  "agents:create": () => AGENT,
  "agents:update": ({ agentId }) => ({ agentId, temperature: 0.1 }),
  "agentVersions:restore": ({ agentId }) => ({ agentId, revision: 1 }),
  "agentFiles:duplicate": ({ agentId }) => ({ agentId }),
  "agentFiles:take": () => ({ ...AGENT, rules: [] }),
  "agents:remove": ({ agentId }) => ({ agentId }),
  "approvalRules:create": () => ({ ...RULE, name: "second" }),
  "approvalRules:update": ({ ruleId }) => ({ ruleId, enabled: false }),
  "approvalRules:move": ({ ruleId }) => ({ ruleId, beforeId: null }),
  "approvalRules:remove": ({ ruleId }) => ({ ruleId }),
  "skills:create": () => ({ ...SKILL, name: "second" }),
  "skills:createInSession": ({ sessionId }) => {
    const { root: _, enabled: __, ...fields } = SKILL;
    return { sessionId, ...fields, name: "third" };
  },
  "skills:update": ({ skillId }) => ({ skillId, enabled: false }),
  "skills:remove": ({ skillId }) => ({ skillId }),
  "skills:setProduction": ({ skillId }) => ({ skillId, revision: null }),
  "skillOffers:take": ({ offerId }) => ({ offerId }),
  "skillOffers:dismiss": ({ offerId }) => ({ offerId }),
  "skills:setRoots": ({ sessionId }) => ({ sessionId, roots: [] }),
  "commandLogins:decide": () => ({
    code: COMMAND_LOGIN_ROW.code,
    approve: true,
    handoverHash: hashOf("handover"),
  }),
  "apiKeys:create": () => ({ ...KEY, hash: hashOf("second"), scopes: ["sessions:read"] }),
  "apiKeys:revoke": ({ keyId }) => ({ keyId }),
  "monthlyLimits:set": () => ({ subject: "organization", limitMicroUsd: 50_000_000 }),
  "monthlyLimits:remove": ({ agentId }) => ({ subject: "agent", subjectId: agentId }),
  "networkPolicies:set": () => ({ environment: "production", mode: "open", presets: [], hosts: [] }),
  "networkPolicies:allowHost": () => ({ environment: "development", host: "registry.example.com" }),
  "setupScripts:save": () => ({ ...SETUP, script: "npm ci" }),
  "setupScripts:rebuild": () => SETUP_PLACE,
  "setupScripts:remove": () => SETUP_PLACE,
  "organizationSettings:set": () => ({ idle_timeout_minutes: 17 }),
  "providerKeys:save": () => ({
    provider: "openai",
    name: "OpenAI",
    status: "active",
    ciphertext: "c",
    version: 2,
    prefix: "",
    last4: "zzzz",
  }),
  "providerKeys:noteTest": () => ({ provider: "openai", status: "error" }),
  "providerKeys:remove": () => ({ provider: "openai" }),
  "variables:save": () => ({
    name: "NEW",
    environment: "production",
    description: "d",
    reach: "terminals",
    sealed: { ciphertext: "c", version: 1 },
  }),
  "variables:remove": () => ({ name: "OLD", environment: null }),
  "gitConnections:save": () => ({
    ...CONNECTION,
    slug: "new",
    sealed: { ciphertext: "c", version: 1, last4: "" },
  }),
  "gitConnections:noteTest": () => ({ slug: "house", status: "error" }),
  "gitConnections:remove": () => ({ slug: "house" }),
  "gitHooks:make": () => ({ slug: "house", ciphertext: "c", version: 2 }),
  "gitHooks:remove": () => ({ slug: "house" }),
  "mcpServers:save": () => ({ ...SERVER, name: "second", sealed: { ciphertext: "c", version: 1 } }),
  "mcpServers:enable": ({ serverId }) => ({ serverId, enabled: true }),
  "mcpServers:noteTest": ({ serverId }) => ({ serverId, version: 1, status: "error" }),
  "mcpSignIns:keep": ({ serverId }) => ({
    serverId,
    version: 1,
    sealed: { ciphertext: "c", version: 2 },
  }),
  "mcpSignIns:drop": ({ serverId }) => ({ serverId }),
  "mcpServers:remove": ({ serverId }) => ({ serverId }),
  "pushSubscriptions:add": () => PUSH_SUBSCRIPTION,
  "pushSubscriptions:remove": () => ({ endpoint: PUSH_SUBSCRIPTION.endpoint }),
  "notificationDestinations:create": () => DESTINATION,
  "notificationDestinations:update": ({ destinationId }) => ({ destinationId, enabled: false }),
  "notificationDestinations:noteTest": ({ destinationId }) => ({ destinationId, error: "No response." }),
  "notificationDestinations:remove": ({ destinationId }) => ({ destinationId }),
  "registries:save": () => ({ ...REGISTRY, slug: "new", scopes: [] }),
  "registries:noteTest": () => ({ slug: "house", status: "error" }),
  "registries:remove": () => ({ slug: "house" }),
  "sessionRepositories:nameBranch": ({ sessionId }) => ({ sessionId, folder: "shop", branch: "topic" }),
  "sessionRepositories:acted": ({ sessionId }) => ({
    sessionId,
    folder: "shop",
    act: "commit",
    subject: "Fix it",
  }),
  "greenPursuits:handOver": ({ sessionId }) => ({
    sessionId,
    folder: "shop",
    message: "Fix the build",
    comments: ["comment:1"],
  }),
  "greenPursuits:start": ({ sessionId }) => ({
    sessionId,
    folder: "shop",
    maxAttempts: 3,
    maxCostMicroUsd: 1_000_000,
  }),
  "greenPursuits:stop": ({ sessionId }) => ({ sessionId, folder: "tools" }),
  "sessionPayer:change": ({ sessionId }) => ({ sessionId, keySource: "direct", restart: false }),
  "projectEdits:change": () => ({
    ...PROJECT_CHANGE,
    slug: "agent",
    definition: null,
    baseRevision: 1,
  }),
  "projectEdits:restore": () => ({
    environment: "development",
    kind: "role",
    slug: "agent",
    number: 1,
    baseRevision: 1,
  }),
  "projectEdits:undo": () => ({ environment: "development", revision: 1 }),
  "projectEdits:promote": () => ({
    from: "development",
    fromRevision: 1,
    environment: "production",
    baseRevision: 0,
    names: [{ kind: "role", slug: "agent" }],
  }),
  "approvals:decide": ({ runId }) => ({ runId, key: "a", decision: "approved" }),
  "questions:answer": ({ runId }) => ({ within: { runId }, key: "q", answers: null }),
};
