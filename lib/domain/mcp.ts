/** What is known of MCP servers (Model Context Protocol) without asking one. Pure. */

/** How a server is spoken to; `sse` is the protocol's older form of HTTP (2024-11-05). */
export const MCP_TRANSPORTS = ["stdio", "sse", "streamable-http"] as const;
export type McpTransport = (typeof MCP_TRANSPORTS)[number];

/** What the last try to reach a server has found; `disconnected` where there was none since it last changed. */
export const MCP_STATUSES = ["connected", "disconnected", "error"] as const;

/**
 * A server's name as rules and people write it, before the colon of `server:tool`. Without `_`, which ends it in the
 * names that the agent gives its tools.
 */
export const MCP_NAME = /^[a-z][a-z0-9-]{0,39}$/;
/** Names that stand for Studio's or the agent's own tools. */
export const RESERVED_MCP_NAMES: readonly string[] = [
  "builtin",
  "studio",
  // The agent's own tools and questions begin with these: apply_patch, external_directory, doom_loop, plan_exit.
  "apply",
  "external",
  "doom",
  "plan",
];

export const MAX_MCP_SERVERS = 50;
/** Servers that one session can have, and that its agent can name: each is a process in its sandbox, or requests of it. */
export const MAX_SESSION_MCP_SERVERS = 20;

/** Days of a server's calls that are kept, and shown. */
export const MCP_DAYS = 30;
/** Failures of a day that are kept: the last ones. */
export const MCP_FAILURES = 5;

export const MCP_LIMITS = {
  /** Of what one server offers. */
  tools: 200,
  toolNameChars: 128,
  descriptionChars: 8_000,
  /** UTF-8 bytes of all its tools, as `toolsText` writes them. */
  listBytes: 400_000,
  args: 50,
  /** Environment variables or headers. */
  values: 50,
  /** UTF-8 bytes of all of these. */
  valueBytes: 20_000,
  /** UTF-8 bytes of what is kept of a sign-in: its tokens, and what its server says of itself. */
  grantBytes: 60_000,
  /** How long somebody has to come back from signing in. */
  signInMs: 10 * 60_000,
  /** UTF-8 bytes of what one call returns to the agent; more is cut, and said so. */
  resultBytes: 1_000_000,
  /** Of one message that a server sends. */
  messageBytes: 8_000_000,
  connectMs: 30_000,
  /** A test in a sandbox of its own may fetch the server's package first. */
  testMs: 120_000,
  callMs: 300_000,
  /** A call that takes longer is what its session waits for. */
  waitShownMs: 5_000,
  failureChars: 500,
} as const;

/** A tool as its server describes it, as far as agents are told of it. */
export interface McpTool {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: { type: "object"; [key: string]: unknown };
  annotations?:
    | {
        readOnlyHint?: boolean | undefined;
        destructiveHint?: boolean | undefined;
        idempotentHint?: boolean | undefined;
        openWorldHint?: boolean | undefined;
      }
    | undefined;
}

/** A value with the keys of all its objects in order, so that the same content is the same text. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, ordered(one)]),
  );
}
const textOf = (value: unknown): string => JSON.stringify(ordered(value));

/** What a server's tools are, as one text: the same tools give the same text, in whatever order they were told. */
export const toolsText = (tools: readonly McpTool[]): string =>
  textOf(tools.toSorted((a, b) => (a.name < b.name ? -1 : 1)));

/** What differs between the tools that were approved and those that a server offers now; each list by name. */
export interface ToolChanges {
  added: string[];
  removed: string[];
  changed: { name: string; parts: ("title" | "description" | "inputSchema" | "annotations")[] }[];
}

const PARTS = ["title", "description", "inputSchema", "annotations"] as const;

export function toolChanges(before: readonly McpTool[], after: readonly McpTool[]): ToolChanges {
  const [old, now] = [before, after].map((tools) => new Map(tools.map((tool) => [tool.name, tool]))) as [
    Map<string, McpTool>,
    Map<string, McpTool>,
  ];
  const names = (map: Map<string, McpTool>) => [...map.keys()].toSorted();
  return {
    added: names(now).filter((name) => !old.has(name)),
    removed: names(old).filter((name) => !now.has(name)),
    changed: names(now).flatMap((name) => {
      const [was, is] = [old.get(name), now.get(name)];
      if (!was || !is) return [];
      const parts = PARTS.filter((part) => textOf(was[part] ?? null) !== textOf(is[part] ?? null));
      return parts.length === 0 ? [] : [{ name, parts }];
    }),
  };
}

/** What differs between two lists of tools, each tool by its name and the hash of what agents are told of it. */
export function partChanges(
  before: readonly { name: string; hash: string }[],
  after: readonly { name: string; hash: string }[],
) {
  const [old, now] = [before, after].map((parts) => new Map(parts.map(({ name, hash }) => [name, hash]))) as [
    Map<string, string>,
    Map<string, string>,
  ];
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([name, hash]) => (old.has(name) && old.get(name) !== hash ? [name] : [])),
  };
}

/** What OpenCode makes of a server's or a tool's name (1.18.33). */
const plainName = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_-]/g, "_");

/** The name that the agent has for a tool of an MCP server (OpenCode 1.18.33). */
export const agentToolName = (server: string, tool: string): string =>
  `${plainName(server)}_${plainName(tool)}`;

/** A server of a session's, with its tools' names. */
export interface McpNames {
  name: string;
  tools: readonly string[];
}

/**
 * Which server's tool the agent means by a name, of those that a session has; where it is none of the server's tools,
 * what stands behind the server's name.
 * @returns undefined for a tool that is no MCP server's
 */
export function mcpToolOf(
  name: string,
  servers: readonly McpNames[],
): { server: string; tool: string } | undefined {
  const end = name.indexOf("_");
  const found = end > 0 && servers.find((server) => plainName(server.name) === name.slice(0, end));
  if (!found) return undefined;
  const rest = name.slice(end + 1);
  return { server: found.name, tool: found.tools.find((tool) => plainName(tool) === rest) ?? rest };
}

/** A tool's name as rules, the inbox and the log have it. */
export const shownToolName = (server: string, tool: string): string => `${server}:${tool}`;

/** A secret as people see it. */
export const maskedValue = (value: string): string => `…${value.length > 8 ? value.slice(-4) : ""}`;
