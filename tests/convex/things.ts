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
};
