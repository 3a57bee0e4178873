import type { Limit } from "./limits.ts";
import { callsIn, namesIn } from "./prompt-variables.ts";

/** An agent of a project, as `defineAgent` describes it, to be talked to in Studio. Pure. */

/** By what a project's agent is known. */
export const PROJECT_SLUG_LIMIT = { kind: "text", min: 1, max: 200 } as const satisfies Limit;

/** What the project says of a value that a conversation is to bring. */
export interface ContextParameter {
  name: string;
  type: "string" | "number" | "boolean";
  required: boolean;
  description: string;
}

export interface ProjectAgent {
  slug: string;
  name: string;
  description: string;
  prompt: string;
  provider: string;
  model: string;
  temperature: number;
  maxTokens: number;
  tools: string[];
  suggestions: string[];
  params: ContextParameter[];
}

/** What a definition that names no model has: the project's own runtime says so. */
const DEFAULT_MODEL = { model: "openai/gpt-5-mini", temperature: 0.7, maxTokens: 4096 };
const MAX_TEMPERATURE = 2;
const MAX_TOKENS = 65_536;
/** Of each list in a definition: people write them, and a page shows them. */
const MAX_LISTED = 100;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [])
    .filter((one): one is string => typeof one === "string")
    .slice(0, MAX_LISTED);
const within = (value: unknown, fallback: number, min: number, max: number): number =>
  typeof value === "number" && Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : fallback;

function paramOf(value: unknown): ContextParameter[] {
  if (!isRecord(value) || textOf(value["name"]) === "") return [];
  const { type } = value;
  return [
    {
      name: textOf(value["name"]),
      type: type === "number" || type === "boolean" ? type : "string",
      required: value["required"] === true,
      description: textOf(value["description"]),
    },
  ];
}

/** A project's agent out of its definition; null for what is none. */
export function projectAgentOf(definition: string): ProjectAgent | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(definition);
  } catch {
    return null;
  }
  if (!isRecord(parsed) || textOf(parsed["slug"]) === "") return null;
  // A model that is given takes the place of the default as a whole.
  const model = isRecord(parsed["model"]) ? parsed["model"] : DEFAULT_MODEL;
  const named = textOf(model["model"]) || DEFAULT_MODEL.model;
  const slash = named.indexOf("/");
  const params = parsed["threadContextParams"];
  return {
    slug: textOf(parsed["slug"]),
    name: textOf(parsed["name"]) || textOf(parsed["slug"]),
    description: textOf(parsed["description"]),
    prompt: textOf(parsed["systemPrompt"]),
    provider: slash < 0 ? "" : named.slice(0, slash),
    model: named.slice(slash + 1),
    temperature: within(model["temperature"], DEFAULT_MODEL.temperature, 0, MAX_TEMPERATURE),
    maxTokens: Math.round(within(model["maxTokens"], DEFAULT_MODEL.maxTokens, 1, MAX_TOKENS)),
    tools: textsOf(parsed["tools"]),
    suggestions: textsOf(parsed["firstMessageSuggestions"]),
    params: (Array.isArray(params) ? params : []).slice(0, MAX_LISTED).flatMap(paramOf),
  };
}

/** What is known where a project's agent is talked to. */
export interface Talk {
  organizationName: string;
  organizationId: string;
  userId: string;
  message: string;
  entityTypes: readonly string[];
  roles: readonly string[];
  /** What the person has entered for its parameters, by name. */
  params: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  now: number;
}

/** What the names in a project's prompt stand for, as its own runtime has them; a conversation here is nobody's thread. */
export function projectValues(agent: ProjectAgent, talk: Talk): Record<string, string> {
  const time = new Date(talk.now).toISOString();
  const params = Object.entries(talk.params).map(([name, value]) => [`threadContext.params.${name}`, value]);
  return {
    currentTime: time,
    datetime: time,
    timestamp: String(talk.now),
    organizationName: talk.organizationName,
    organizationId: talk.organizationId,
    agentName: agent.name,
    "agent.name": agent.name,
    "agent.slug": agent.slug,
    userId: talk.userId,
    threadId: "studio-playground",
    message: talk.message,
    "threadContext.channel": "studio",
    entityTypes: JSON.stringify(talk.entityTypes),
    roles: JSON.stringify(talk.roles),
    ...(Object.fromEntries(params) as Record<string, string>),
  };
}

/** What a tool of a project's agent needs that is not here. */
export type ToolKind = "data" | "web" | "service" | "custom";

const BUILT_IN: Readonly<Record<string, ToolKind>> = {
  entity: "data",
  event: "data",
  agent: "service",
  calendar: "service",
  whatsapp: "service",
  airtable: "service",
  email: "service",
  payment: "service",
  web: "web",
};

/** Of which kind a tool is, by its name: `entity.query` is one of the project's runtime, any other name its own. */
export const toolKind = (name: string): ToolKind => {
  const dot = name.indexOf(".");
  const area = dot < 0 ? "" : name.slice(0, dot);
  return Object.hasOwn(BUILT_IN, area) ? (BUILT_IN[area] ?? "custom") : "custom";
};

/** What of a prompt stays as it is written: names that stand for nothing here, and tools that it calls. */
export function unfilled(agent: ProjectAgent, values: Readonly<Record<string, string>>) {
  const known = new Set(Object.keys(values));
  return {
    names: namesIn(agent.prompt).filter((name) => !known.has(name)),
    calls: callsIn(agent.prompt),
  };
}
