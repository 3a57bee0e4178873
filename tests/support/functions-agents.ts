import { AGENT } from "../convex/things.ts";
import { type Access, actor, member } from "./function-access.ts";
import { PROJECT_FUNCTIONS } from "./functions-project.ts";

const rule = { name: "r", pattern: "builtin:shell:ls *", action: "ask", priority: 0, enabled: true };

/** The functions of agents, and of sessions by `/api/v1`: see functions.ts. */
export const AGENT_FUNCTIONS: Record<string, Access> = {
  "sessionLists:counts": member("viewer", "sessions:read", "own", ({ sessionId }) => ({
    sessionIds: [sessionId],
  })),
  "approvals:open": member("viewer", "sessions:read", "own", () => ({
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "approvals:ofRun": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "agents:rulesInSession": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "agents:rulesOf": member("viewer", "agents:read", "own", () => ({ agentIds: [] })),
  "approvals:waiting": member("viewer", "sessions:read", "own"),
  "approvals:get": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId, key: "k" })),
  "approvals:standing": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId, key: "k" })),
  "questions:open": member("viewer", "sessions:read", "own", () => ({
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "completions:reserve": actor("member", "sessions:write", "own", () => ({
    purpose: "chat",
    requestId: "c",
    keySource: "direct",
    inputMicroUsd: 1,
    maxInputMicroUsd: 1,
    outputMicroUsdPerMillion: 1,
    maxOutputTokens: 1,
  })),
  "directTools:begin": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    commandId: "c",
    command: "true",
  })),
  "directTools:mayUseFile": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    action: "read",
    path: "a.txt",
  })),
  "directTools:end": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    commandId: "c",
    command: "true",
    exitCode: 0,
    timedOut: false,
    durationMs: 1,
    output: "",
  })),
  "headlessRuns:known": actor("member", "sessions:write", "own", () => ({ message: "m", requestKey: "k" })),
  "headlessRuns:start": actor("member", "sessions:write", "own", () => ({
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
    message: "m",
  })),
  "sessionDeletion:remove": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
  })),
  "approvalRules:list": member("viewer", "rules:read", "own", () => ({
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "approvalRules:past": member("member", "rules:read", "own", () => ({
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "approvalRules:asked": member("viewer", "rules:read", "not_found", ({ runId }) => ({ runId, key: "a" })),
  "approvalRules:create": member("member", "rules:write", "not_found", ({ sessionId }) => ({
    ...rule,
    scope: "session",
    sessionId,
  })),
  "approvalRules:update": member("member", "rules:write", "not_found", ({ ruleId }) => ({
    ruleId,
    name: "x",
  })),
  "approvalRules:move": member("member", "rules:write", "not_found", ({ ruleId }) => ({
    ruleId,
    beforeId: null,
  })),
  "approvalRules:remove": member("member", "rules:write", "not_found", ({ ruleId }) => ({ ruleId })),
  "agents:list": member("viewer", "agents:read", "own", () => ({
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "agents:get": member("viewer", "agents:read", "not_found", ({ agentId }) => ({ agentId })),
  "agents:ofSession": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "agents:forStart": actor("member", "sessions:write", "not_found", ({ agentId }) => ({ agentId })),
  "agentFiles:duplicate": member("admin", "agents:write", "not_found", ({ agentId }) => ({ agentId })),
  "agentFiles:take": member("admin", "agents:write", "own", () => ({ ...AGENT, rules: [] })),
  "agentVersions:list": member("viewer", "agents:read", "not_found", ({ agentId }) => ({
    agentId,
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "agentVersions:get": member("viewer", "agents:read", "not_found", ({ agentId }) => ({
    agentId,
    revision: 1,
  })),
  "agentVersions:restore": member("admin", "agents:write", "not_found", ({ agentId }) => ({
    agentId,
    revision: 1,
  })),
  "agentVersions:drift": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "sessionPins:ofSession": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
  ...PROJECT_FUNCTIONS,
  "usageReports:ofAgent": member("member", "billing:read", "not_found", ({ agentId }) => ({
    agentId,
    from: "2026-01-01",
  })),
  "sessionMcpChanges:ofServer": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({
    sessionId,
    serverName: "memory",
  })),
  "sessionRepeats:plan": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    template: "studio@1",
  })),
  "agents:create": member("admin", "agents:write", "own", () => AGENT),
  "agents:update": member("admin", "agents:write", "not_found", ({ agentId }) => ({ agentId, name: "mine" })),
  "agents:remove": member("admin", "agents:write", "not_found", ({ agentId }) => ({ agentId })),
};
