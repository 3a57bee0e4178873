import { type Access, actor, member, service } from "./function-access.ts";

const server = {
  name: "memory-2",
  transport: "stdio",
  command: "npx",
  args: [],
  env: {},
  headers: {},
  sealed: { ciphertext: "c", version: 1 },
};
const calls = { calls: 1, errors: 0, totalMs: 5, maxMs: 5, resultBytes: 9 };
const found = { tools: "[]", digest: "e".repeat(64), count: 0 };

/** The functions of MCP servers: see functions.ts. */
export const MCP_FUNCTIONS: Record<string, Access> = {
  "mcpServers:list": member("viewer", "settings:read", "own"),
  "mcpServers:tools": member("viewer", "settings:read", "not_found", ({ serverId }) => ({ serverId })),
  "mcpServers:approved": member("viewer", "settings:read", "not_found", ({ serverId }) => ({ serverId })),
  "mcpServers:forSaving": actor("admin", "settings:write", "not_found", ({ serverId }) => ({ serverId })),
  "mcpServers:save": actor("admin", "settings:write", "own", () => ({
    ...server,
    dataKey: { wrapped: "w", kekVersion: 1 },
  })),
  "mcpServers:enable": member("admin", "settings:write", "not_found", ({ serverId }) => ({
    serverId,
    enabled: true,
  })),
  "mcpServers:noteTest": actor("admin", "settings:write", "not_found", ({ serverId }) => ({
    serverId,
    version: 1,
    status: "connected",
    found,
  })),
  "mcpServers:remove": member("admin", "settings:write", "not_found", ({ serverId }) => ({ serverId })),
  "mcpUsage:note": service(({ serverId }) => ({ serverId, ...calls, failures: [] })),
  "mcpUsage:ofServer": member("viewer", "settings:read", "not_found", ({ serverId }) => ({ serverId })),
  "sessionMcp:waits": service(({ sessionId }) => ({ sessionId, name: "memory", waiting: true })),
  "mcpSignIns:begin": actor("admin", "settings:write", "not_found", ({ serverId }) => ({
    serverId,
    stateHash: "f".repeat(64),
    ciphertext: "c",
  })),
  "mcpSignIns:take": actor("admin", "settings:write", "not_found", () => ({ stateHash: "f".repeat(64) })),
  "mcpSignIns:keep": actor("admin", "settings:write", "not_found", ({ serverId }) => ({
    serverId,
    version: 1,
    sealed: { ciphertext: "c", version: 2 },
  })),
  "mcpSignIns:drop": actor("admin", "settings:write", "not_found", ({ serverId }) => ({ serverId })),
  "mcpSignIns:grant": service(({ serverId }) => ({ serverId })),
  "mcpSignIns:claim": service(({ grantId }) => ({ grantId, version: 1 })),
  "mcpSignIns:refreshed": service(({ grantId }) => ({ grantId, version: 1 })),
  "mcpSignIns:lost": service(({ grantId }) => ({ grantId, version: 1 })),
  "sessionMcp:begin": service(({ sessionId }) => ({ sessionId })),
  "sessionMcp:server": service(({ serverId }) => ({ serverId })),
  "sessionMcp:approvedTools": service(({ serverId }) => ({ serverId, digest: "d" })),
  "sessionMcp:sealed": service(({ sessionId }) => ({ sessionId })),
  "sessionMcp:networkOf": service(({ organizationId }) => ({ organizationId })),
  "sessionMcp:namesOf": service(({ sessionId }) => ({ sessionId })),
  "sessionMcp:reported": service(({ sessionId }) => ({
    sessionId,
    name: "memory",
    connected: true,
    tools: 1,
    reason: "",
  })),
  "sessionMcp:claim": service(({ serverId }) => ({ serverId })),
  "due:mcp": service(() => ({ now: 0 })),
  "sessionMcp:ofToken": service(() => ({ hash: "h", name: "memory" })),
  "sessionMcp:noteFound": service(({ serverId }) => ({ serverId, version: 1, status: "connected", found })),
  "sessionMcp:ofSession": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
};
