import { MAX_APPROVERS, SOMEONE_ELSE_MINUTES } from "./approvers.ts";
import { MAX_AGENT_VARIABLES, MAX_PROMPT_BYTES, MAX_PROMPT_CHARS, MAX_TEMPERATURE } from "./agents.ts";
import { MAX_SKIPPED_CHARS, MAX_SKIPPED_NAMES, SKIPPED_NAME } from "./checkpoints.ts";
import { MAX_FINDINGS } from "./findings.ts";
import { CONNECTION_SLUG, MAX_ALLOWED_REPOSITORIES, MAX_REF_CHARS, MAX_REPOSITORY_CHARS } from "./git.ts";
import { GREEN_LIMITS } from "./green.ts";
import { MAX_SESSION_MCP_SERVERS, MCP_LIMITS, MCP_NAME } from "./mcp.ts";
import { MAX_HOST_ENTRY_CHARS, MAX_POLICY_HOSTS } from "./network.ts";
import { MAX_REGISTRY_SCOPES, MAX_SCOPE_CHARS } from "./registries.ts";
import { REWIND_LIMITS } from "./rewind.ts";
import {
  MAX_SKILL_BYTES,
  MAX_SKILL_EXTRA_CHARS,
  MAX_SKILL_ROOT_CHARS,
  MAX_SKILL_ROOTS,
  MAX_SKILL_VARIABLES,
  MAX_SKILLS,
  SKILL_NAME,
} from "./skills.ts";
import { MAX_PATTERN_CHARS } from "./rules/pattern.ts";
import { MAX_RULE_PRIORITY } from "./rules/rule.ts";
import { MAX_SETUP_LOCKFILES, MAX_SETUP_SCRIPT_BYTES, MAX_SETUP_VARIABLES } from "./setup.ts";

/**
 * The bounds of everything that comes in from outside, said once: the API's schemas are made from them, and Convex
 * refuses by them whatever was sent past the API. Pure, and without a schema library.
 */
export interface TextLimit {
  kind: "text";
  /** Characters, without white space at both ends. */
  min: number;
  /** Characters: Unicode's code points. */
  max: number;
  /** Bytes as UTF-8. */
  maxBytes?: number;
  pattern?: RegExp;
  /** How it should look, where there is a pattern. */
  hint?: string;
}
/** A whole number, both ends allowed. */
export interface WholeLimit {
  kind: "whole";
  min: number;
  max: number;
}
/** Any number between, both ends allowed. */
export interface DecimalLimit {
  kind: "decimal";
  min: number;
  max: number;
}
export interface ListLimit {
  kind: "list";
  of: Limit;
  min: number;
  max: number;
}
export interface FieldsLimit {
  kind: "fields";
  fields: Readonly<Record<string, Limit>>;
}
export type Limit = TextLimit | WholeLimit | DecimalLimit | ListLimit | FieldsLimit;

const text = (min: number, max: number, more: Partial<TextLimit> = {}): TextLimit => ({
  kind: "text",
  min,
  max,
  ...more,
});
const whole = (min: number, max: number): WholeLimit => ({ kind: "whole", min, max });
const decimal = (min: number, max: number): DecimalLimit => ({ kind: "decimal", min, max });
const list = (of: Limit, min: number, max: number): ListLimit => ({ kind: "list", of, min, max });
const fields = (fields: Readonly<Record<string, Limit>>): FieldsLimit => ({ kind: "fields", fields });

/** What holds for an argument of which nothing else is said: room for an id or a word, whole numbers from 0. */
const PLAIN_TEXT = text(0, 200);
const PLAIN_NUMBER = whole(0, Number.MAX_SAFE_INTEGER);
const PLAIN_ITEMS = 100;
const PLAIN_DEPTH = 4;

/** Bytes of one message, as UTF-8. */
export const MAX_MESSAGE_BYTES = 100_000;
/** Texts of one answer to a question of the agent, and characters of each. */
export const MAX_CHOICES = 20;
export const MAX_ANSWER_CHARS = 2_000;
/** Characters of a password, where Studio keeps it. */
export const MIN_PASSWORD_CHARS = 10;
export const MAX_PASSWORD_CHARS = 128;
/** Bytes of a variable's value, as UTF-8: all that a session can have fit into one row. */
export const MAX_VARIABLE_BYTES = 8_000;
/** Rows of a page that somebody asks for. */
export const MAX_PAGE = 100;
/** Rows of a page of events. */
export const MAX_EVENTS_PAGE = 500;
/** Characters of both sides of a diff in the log: of a file that is larger, the path alone is kept. */
export const MAX_SAVED_DIFF_CHARS = 100_000;

/** A price of an endpoint of one's own, in micro-USD for a million tokens: nothing to a thousand dollars. */
export const ENDPOINT_PRICE_LIMIT = whole(0, 1_000_000_000);

/** A model of an endpoint of one's own. */
export const ENDPOINT_MODEL_LIMITS = {
  id: text(1, 200),
  name: text(1, 200),
  contextTokens: whole(1_000, 100_000_000),
  outputTokens: whole(256, 10_000_000),
  prices: fields({
    priceInMicroUsd: ENDPOINT_PRICE_LIMIT,
    priceCachedMicroUsd: ENDPOINT_PRICE_LIMIT,
    priceOutMicroUsd: ENDPOINT_PRICE_LIMIT,
  }),
} as const;

const MCP_SERVER_NAME = text(1, 40, {
  pattern: MCP_NAME,
  hint: "Use small letters, digits and -, and begin with a letter.",
});
const VARIABLE_NAME = text(1, 128, {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  hint: "Use letters, digits and _, and begin with no digit.",
});
/** A path below the workspace, which no part leads out of. */
const LOCKFILE = text(1, 300, {
  pattern: /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\n\r]+$/,
  hint: "Send a path in the workspace, such as package-lock.json.",
});

/** A page's options; `maxItems` rows at most. */
export const pageLimit = (maxItems = MAX_PAGE): FieldsLimit =>
  fields({ numItems: whole(1, maxItems), cursor: text(0, 2_000), endCursor: text(0, 2_000) });

/** What names a GitHub App, and where it is installed. */
export const GITHUB_APP_LIMITS = {
  appId: text(1, 40, { pattern: /^[A-Za-z0-9.]+$/, hint: "Enter the app's ID, a number." }),
  installationId: text(1, 20, { pattern: /^[0-9]+$/, hint: "Enter the installation's ID, a number." }),
} as const;

/** Who is told of a run's end. */
export const WEBHOOK_LIMIT = fields({
  url: text(1, 2_000),
  ciphertext: text(1, 8_000),
  sealedFor: text(1, 100),
  dataKey: fields({ wrapped: text(1, 1_000), kekVersion: whole(0, 1_000_000_000) }),
});

export const LIMITS = {
  title: text(1, 200),
  pid: whole(1, 2 ** 32),
  processCommand: text(0, 500),
  shellCommand: text(1, 20_000, { pattern: /^[^\0]*$/, hint: "A command must not contain NUL." }),
  shellOutput: text(0, 4_000),
  durationMs: whole(0, 86_400_000),
  exitCode: whole(0, 255),
  message: text(1, MAX_MESSAGE_BYTES, { maxBytes: MAX_MESSAGE_BYTES }),
  /** One cent at least, ten thousand dollars at most; micro-USD. */
  budgetCap: whole(10_000, 10_000_000_000),
  providerId: text(1, 200),
  modelId: text(1, 200),
  notice: text(1, 1_000),
  searchText: text(0, 200),
  sessionIds: list(PLAIN_TEXT, 0, MAX_PAGE),
  workspacePath: text(1, 1_000, { pattern: /^[^\0]*$/, hint: "A path must not contain NUL." }),
  /** Empty for the workspace itself. */
  workspacePathOrNone: text(0, 1_000, { pattern: /^[^\0]*$/, hint: "A path must not contain NUL." }),
  diffText: text(0, MAX_SAVED_DIFF_CHARS),
  answers: list(list(text(0, MAX_ANSWER_CHARS), 0, MAX_CHOICES), 0, MAX_CHOICES),
  rewindPaths: list(text(1, REWIND_LIMITS.maxPathChars), 0, REWIND_LIMITS.maxPaths),
  eventsLimit: whole(1, MAX_EVENTS_PAGE),
  eventTypes: list(text(1, 60), 1, 30),
  skippedNames: list(
    text(1, MAX_SKIPPED_CHARS, {
      pattern: SKIPPED_NAME,
      hint: "Send the name of a file or folder without a slash; .git is always saved.",
    }),
    0,
    MAX_SKIPPED_NAMES,
  ),
  /** Texts that are hidden in an export; a single character would tear everything. */
  exportMask: list(text(2, 1_000), 0, 50),
  seq: whole(0, Number.MAX_SAFE_INTEGER),
  /** Epoch milliseconds, as far as a date goes. */
  moment: whole(0, 8_640_000_000_000_000),
  /** A trace's place as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/#traceparent-header). */
  traceparent: text(55, 55, {
    pattern: /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/,
    hint: "Send a traceparent of W3C Trace Context.",
  }),
  day: text(10, 10, { pattern: /^\d{4}-\d{2}-\d{2}$/, hint: "Send a day, such as 2026-11-20." }),
  apiKeyName: text(1, 100),
  /** SHA-256, hexadecimal. */
  hash: text(64, 64, { pattern: /^[0-9a-f]{64}$/, hint: "Send a SHA-256 in hexadecimal." }),
  last4: text(0, 4),
  scopes: list(text(1, 100), 0, 50),
  /** What `Idempotency-Key` may be. */
  requestKey: text(1, 200, { pattern: /^[\x21-\x7e]+$/, hint: "Send visible ASCII characters." }),
  agentName: text(1, 100),
  agentRevision: whole(1, 1_000_000_000),
  ruleName: text(1, 100),
  rulePattern: text(1, MAX_PATTERN_CHARS),
  rulePriority: whole(0, MAX_RULE_PRIORITY),
  agentDescription: text(0, 500),
  systemPrompt: text(0, MAX_PROMPT_CHARS, { maxBytes: MAX_PROMPT_BYTES }),
  skillName: text(2, 64, {
    pattern: SKILL_NAME,
    hint: "Use 2 to 64 of a–z, 0–9, _ and -, and begin and end with a letter or a digit.",
  }),
  skillDescription: text(1, 1_024),
  skillTitle: text(0, 100),
  skillBody: text(1, MAX_SKILL_BYTES, {
    maxBytes: MAX_SKILL_BYTES,
    pattern: /^[^\0]*$/,
    hint: "A skill must not contain NUL.",
  }),
  skillExtra: text(2, MAX_SKILL_EXTRA_CHARS),
  skillVariables: list(VARIABLE_NAME, 0, MAX_SKILL_VARIABLES),
  skillRoot: text(1, MAX_SKILL_ROOT_CHARS),
  skillRoots: list(text(1, MAX_SKILL_ROOT_CHARS), 0, MAX_SKILL_ROOTS),
  skillRevision: whole(1, 1_000_000_000),
  temperature: decimal(0, MAX_TEMPERATURE),
  maxTokens: whole(1, 10_000_000),
  /** The words with which a person refuses what the agent asks. */
  refusalReason: text(1, 1_000),
  keyName: text(1, 100),
  keyPrefix: text(0, 8),
  baseUrl: text(1, 1_000, {
    pattern: /^https?:\/\/\S+$/i,
    hint: "Send a URL that starts with https://.",
  }),
  endpointModels: list(fields(ENDPOINT_MODEL_LIMITS), 1, 100),
  /** Base64 of a sealed key of at most 1,000 characters. */
  ciphertext: text(1, 8_000),
  variableName: VARIABLE_NAME,
  setupScript: text(1, MAX_SETUP_SCRIPT_BYTES, {
    maxBytes: MAX_SETUP_SCRIPT_BYTES,
    pattern: /^[^\0]*$/,
    hint: "A script must not contain NUL.",
  }),
  setupLockfile: LOCKFILE,
  setupLockfiles: list(LOCKFILE, 0, MAX_SETUP_LOCKFILES),
  setupVariables: list(VARIABLE_NAME, 0, MAX_SETUP_VARIABLES),
  /** A connection's slug and a repository's path, or the project. */
  setupScope: text(1, 300),
  setupSeconds: whole(5, 1_800),
  setupHours: whole(1, 720),
  variableDescription: text(0, 500),
  /** Base64 of a sealed value of at most MAX_VARIABLE_BYTES. */
  sealedVariable: text(1, 12_000),
  keyVersion: whole(1, 1_000_000_000),
  statusDetail: text(0, 1_000),
  wrappedKey: fields({ wrapped: text(1, 1_000), kekVersion: whole(0, 1_000_000_000) }),
  networkHost: text(1, MAX_HOST_ENTRY_CHARS),
  networkHosts: list(text(1, MAX_HOST_ENTRY_CHARS), 0, MAX_POLICY_HOSTS),
  networkPresets: list(text(1, 50), 0, 50),
  gitConnection: text(1, 40, {
    pattern: CONNECTION_SLUG,
    hint: "Use small letters, digits and -, and begin and end with none.",
  }),
  githubApp: fields(GITHUB_APP_LIMITS),
  gitUsername: text(0, 200, { pattern: /^[^:\s]*$/, hint: "A user name has no colon and no spaces." }),
  gitRepositories: list(text(1, MAX_REPOSITORY_CHARS), 1, MAX_ALLOWED_REPOSITORIES),
  registryScope: text(1, MAX_SCOPE_CHARS),
  registryScopes: list(text(1, MAX_SCOPE_CHARS), 0, MAX_REGISTRY_SCOPES),
  gitRepository: text(1, MAX_REPOSITORY_CHARS),
  gitUrl: text(1, 1_000),
  gitRef: text(1, MAX_REF_CHARS),
  /** SHA-1 or SHA-256, hexadecimal. */
  gitObjectId: text(40, 64, { pattern: /^[0-9a-f]+$/, hint: "Send an object's whole id." }),
  gitMessage: text(1, 10_000),
  /** Chosen changes of files, as `git diff` writes them. */
  gitPatch: text(1, 60_000),
  pullRequestTitle: text(1, 250),
  pullRequestBody: text(0, 50_000),
  /** Names of what checks and reviewers found. */
  findingKeys: list(text(1, 220), 0, MAX_FINDINGS),
  greenAttempts: whole(1, GREEN_LIMITS.maxAttempts),
  approvers: list(
    fields({
      environment: text(1, 20),
      kind: text(1, 20),
      role: text(1, 20),
      someone_else_minutes: whole(SOMEONE_ELSE_MINUTES.min, SOMEONE_ELSE_MINUTES.max),
    }),
    0,
    MAX_APPROVERS,
  ),
  gitReviewers: list(text(1, 100), 0, 15),
  pullRequestNumber: whole(1, 1_000_000_000),
  mcpName: MCP_SERVER_NAME,
  agentSkills: list(text(1, 64), 0, MAX_SKILLS),
  agentVariables: list(VARIABLE_NAME, 0, MAX_AGENT_VARIABLES),
  mcpNames: list(MCP_SERVER_NAME, 0, MAX_SESSION_MCP_SERVERS),
  mcpCommand: text(1, 500, { pattern: /^[^\0\n]*$/, hint: "A command is one line." }),
  mcpArgs: list(
    text(0, 2_000, { pattern: /^[^\0]*$/, hint: "An argument must not contain NUL." }),
    0,
    MCP_LIMITS.args,
  ),
  mcpUrl: text(1, 2_000),
  /** Base64 of all values of a server's variables and headers. */
  mcpCiphertext: text(1, 40_000),
  /** Base64 of what is kept of a sign-in to one. */
  mcpGrant: text(1, 90_000),
  mcpExpiresAt: whole(0, 8_640_000_000_000_000),
  mcpState: text(43, 43, { pattern: /^[A-Za-z0-9_-]+$/, hint: "Send the state as it came back." }),
  mcpInfo: text(0, 300),
  mcpTools: text(2, MCP_LIMITS.listBytes, { maxBytes: MCP_LIMITS.listBytes }),
  mcpToolParts: list(
    fields({ name: text(1, MCP_LIMITS.toolNameChars), hash: text(64, 64) }),
    0,
    MCP_LIMITS.tools,
  ),
  mcpDigest: text(64, 64, { pattern: /^[0-9a-f]+$/, hint: "Send the digest as it was listed." }),
  auditAction: text(1, 100, { pattern: /^[a-z_]+(\.[a-z_]+)?$/, hint: "Send an action, or its area." }),
} as const;

/** What fits into a text's bytes as UTF-8. */
export const utf8Bytes = (value: string): number => new TextEncoder().encode(value).length;

/** Characters of a text, counted only as far as they can matter: each is one or two of UTF-16's units. */
function charsOf(value: string, upTo: number): number {
  if (value.length <= upTo || value.length > 2 * upTo) return value.length;
  let chars = 0;
  for (const _ of value) chars += 1;
  return chars;
}

function textFault(limit: TextLimit, value: string): string | null {
  if (charsOf(value, limit.max) > limit.max) return `must have at most ${limit.max} characters`;
  if (value.trim().length < limit.min)
    return limit.min === 1 ? "must not be empty" : `must have at least ${limit.min} characters`;
  if (limit.maxBytes !== undefined && utf8Bytes(value) > limit.maxBytes)
    return `must have at most ${limit.maxBytes} bytes`;
  if (limit.pattern && !limit.pattern.test(value)) return limit.hint ?? "has an invalid format";
  return null;
}

function wholeFault({ min, max }: WholeLimit, value: number): string | null {
  return Number.isSafeInteger(value) && value >= min && value <= max
    ? null
    : `must be a whole number from ${min} to ${max}`;
}

/** Why a value of which nothing is said is out of bounds; null where it is not. */
function plainFault(value: unknown, path: string, depth: number): string | null {
  if (value === undefined || value === null || typeof value === "boolean") return null;
  if (typeof value === "string") return said(path, textFault(PLAIN_TEXT, value));
  if (typeof value === "number") return said(path, wholeFault(PLAIN_NUMBER, value));
  if (typeof value !== "object" || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `${path}: has an invalid format.`;
  const entries = Object.entries(value);
  if (depth >= PLAIN_DEPTH) return `${path}: is nested too deeply.`;
  if (entries.length > PLAIN_ITEMS) return `${path}: must have at most ${PLAIN_ITEMS} items.`;
  return firstFault(entries, (entry, name) => plainFault(entry, `${path}.${name}`, depth + 1));
}

function firstFault(
  entries: readonly (readonly [string, unknown])[],
  look: (value: unknown, name: string) => string | null,
): string | null {
  for (const [name, value] of entries) {
    const fault = look(value, name);
    if (fault !== null) return fault;
  }
  return null;
}

function said(path: string, fault: string | null): string | null {
  return fault === null ? null : `${path}: ${/^(has|must) /.test(fault) ? `${fault}.` : fault}`;
}

/**
 * Why a value is out of its bounds, with the field's name in front; null where it is not. What is left out, or null,
 * is not judged: whether it may be is the validator's to say. Without a limit, the plain one holds.
 */
export function faultOf(limit: Limit | undefined, value: unknown, path: string): string | null {
  if (value === undefined || value === null) return null;
  switch (limit?.kind) {
    case "text":
      return typeof value === "string" ? said(path, textFault(limit, value)) : `${path}: must be a string.`;
    case "whole":
      return typeof value === "number" ? said(path, wholeFault(limit, value)) : `${path}: must be a number.`;
    case "decimal":
      return typeof value === "number" && value >= limit.min && value <= limit.max
        ? null
        : `${path}: must be a number from ${limit.min} to ${limit.max}.`;
    case "list": {
      if (!Array.isArray(value)) return `${path}: must be a list.`;
      const { min, max, of } = limit;
      if (value.length < min || value.length > max) return `${path}: must have ${min} to ${max} items.`;
      return firstFault(Object.entries(value), (item, index) => faultOf(of, item, `${path}.${index}`));
    }
    case "fields":
      if (typeof value !== "object" || Array.isArray(value)) return `${path}: must be an object.`;
      return firstFault(Object.entries(value), (field, name) =>
        faultOf(limit.fields[name], field, `${path}.${name}`),
      );
    default:
      return plainFault(value, path, 0);
  }
}
