import type { AgentFields } from "#domain/agent.ts";
import { DEFAULT_SKILL_ROOT } from "#domain/skills.ts";

/** Things of an organization, as they are saved. */
export const SETUP_PLACE = { environment: "development" as const, scope: "project" };
export const SETUP = {
  ...SETUP_PLACE,
  script: "true",
  lockfiles: [],
  requires: [],
  timeoutSeconds: 60,
  rebuildHours: null,
};
export const CONNECTION = {
  slug: "house",
  kind: "git" as const,
  name: "House",
  baseUrl: "https://git.example.com",
  username: "studio",
  repositories: ["acme/shop"],
  status: "active" as const,
};

/** A place that news are sent to. */
export const DESTINATION = {
  kind: "webhook" as const,
  name: "Channel",
  host: "hooks.example.com",
  kinds: ["approval" as const, "failed" as const],
  ciphertext: "c",
  sealedFor: "s",
};

export const REGISTRY = {
  kind: "npm" as const,
  url: "https://npm.example.com/",
  username: "",
  status: "active" as const,
  sealed: { ciphertext: "c", version: 1, last4: "" },
};

/** What a skill can be. */
export const SKILL = {
  root: DEFAULT_SKILL_ROOT,
  name: "article-writer",
  description: "Use when writing an article.",
  title: "",
  envVars: [] as string[],
  body: "# Output structure\n- Title\n",
  extra: "{}",
  enabled: true,
};

/** What an agent has made of that skill. */
export const OFFER = {
  name: SKILL.name,
  description: SKILL.description,
  title: "",
  envVars: [] as string[],
  extra: "{}",
  body: "# Better\n",
  sha256: "b".repeat(64),
  open: true,
};

/** What an agent can be. */
export const AGENT: AgentFields = {
  name: "Reviewer",
  description: "",
  provider: "demo",
  model: "demo",
  systemPrompt: "You review.",
  temperature: 0.7,
  maxTokens: 4096,
  toolsMode: "restricted",
  mcpServers: [],
  skills: null,
  variables: null,
  repository: null,
};

/** A repository of a session, whose pull request is open. */
export const repositoryIn = (folder: string) => ({
  connection: "house",
  repository: `acme/${folder}`,
  remotePath: `acme/${folder}.git`,
  folder,
  base: { ref: "refs/heads/main", commit: "a".repeat(40) },
  full: false,
  branch: "studio/x-work",
  named: [],
  pushedAt: 1,
  pullRequest: {
    number: 7,
    url: "https://git.example.com/7",
    title: "Fix it",
    state: "open" as const,
  },
});

/** One of a pull request that is to become green, which has just begun. */
export const PURSUIT = {
  maxAttempts: 3,
  maxCostMicroUsd: 1_000_000,
  attempts: 0,
  costMicroUsd: 0,
  fruitless: 0,
  phase: "looking" as const,
  lookingSince: 1,
  dueAt: 1,
  claim: 0,
  reason: null,
  startedAt: 1,
};

/** An MCP server, as a server of Studio's stores it. */
export const SERVER = {
  name: "memory",
  transport: "stdio" as const,
  command: "npx",
  args: ["-y", "server-memory"],
  env: { TOKEN: "…abcd" },
  headers: {},
};
/** What one offers. */
export const TOOLS = {
  tools: JSON.stringify([{ inputSchema: { type: "object" }, name: "remember" }]),
  digest: "d".repeat(64),
  count: 1,
};

/** A checkpoint of a session, as it is stored once it is verified. */
export const CHECKPOINT = {
  status: "verified" as const,
  cause: "turn" as const,
  seq: 1,
  storedAs: "s",
  startedAt: 0,
  chain: 1,
  place: 0,
  bytes: 1,
  files: 1,
  workspaceBytes: 1,
  leftOut: [],
  leftOutCount: 0,
};

/** What begins a run with a session of its own. */
export const HEADLESS = {
  environment: "development",
  provider: "demo",
  model: "demo",
  keySource: "platform",
  title: "t",
  message: "check the links",
} as const;

/** What a server records of a model's call, besides whose it is and what it cost. */
export const USED = { provider: "demo", model: "demo", inputTokens: 1, cachedTokens: 0, outputTokens: 1 };

/** What a server reserves for a small call with a key of the organization's own. */
export const SMALL_CALL = {
  keySource: "direct" as const,
  inputMicroUsd: 10,
  outputMicroUsdPerMillion: 1_000_000,
  maxOutputTokens: 1_000,
};

/** What an agent sends as it asks for leave for a command. */
export const leaveFor = (key: string, command: string, more: object = {}) => ({
  type: "approval.requested",
  source: "agent.permission",
  rpcId: `"${key}"`,
  payload: JSON.stringify({
    approval_key: key,
    tool: "bash",
    tool_call_id: `call-${key}`,
    kind: "execute",
    summary: `Run ${command}`,
    request: { command },
    expires_at: Date.now() + 600_000,
    ...more,
  }),
});

/** What an agent sends as it asks a question. */
export const questionOf = (key: string, more: object = {}) => ({
  type: "question.requested",
  source: "agent.question",
  rpcId: key,
  payload: JSON.stringify({
    question_key: key,
    tool_call_id: `call-${key}`,
    questions: [{ question: "Which?", header: "", options: [], multiple: false, custom: true }],
    expires_at: Date.now() + 600_000,
    ...more,
  }),
});

/** What an approval rule can be. */
export const RULE = {
  scope: "organization" as const,
  name: "Tests",
  pattern: "builtin:shell:npm test *",
  action: "auto_approve" as const,
  priority: 0,
  enabled: true,
};

/** A change of the project that every organization begins with. */
export const PROJECT_CHANGE = {
  environment: "development",
  kind: "role",
  slug: "agent",
  definition: JSON.stringify({
    name: "agent",
    policies: [{ resource: "ticket", actions: ["read"], effect: "allow" }],
  }),
} as const;
