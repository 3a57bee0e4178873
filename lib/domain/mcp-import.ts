/** Reads MCP servers from the configurations that people have of other tools. Pure. */
import { MCP_NAME, RESERVED_MCP_NAMES } from "./mcp.ts";

/** A server as another tool's configuration has it. */
export interface ImportedServer {
  name: string;
  transport: "stdio" | "sse" | "streamable-http";
  command: string;
  args: string[];
  url: string;
  env: Record<string, string>;
  headers: Record<string, string>;
}

const MAX_TEXT_CHARS = 100_000;
const MAX_SERVERS = 50;

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
const record = (value: unknown): Record<string, string> =>
  isFields(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      )
    : {};

/** A name of another tool's as Studio takes one; empty where nothing of it is left. */
function nameFrom(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .replace(/-+$/, "")
    .slice(0, 40);
  return MCP_NAME.test(plain) && !RESERVED_MCP_NAMES.includes(plain) ? plain : "";
}

function transportOf(fields: Fields, url: string): ImportedServer["transport"] {
  const type = text(fields.type) || text(fields.transport);
  if (url === "") return "stdio";
  return type === "sse" ? "sse" : "streamable-http";
}

function serverOf(name: string, value: unknown): ImportedServer | undefined {
  if (!isFields(value)) return undefined;
  // OpenCode has the command and its arguments in one list.
  const [program = "", ...rest] = texts(value.command);
  const command = text(value.command) || program;
  const url = text(value.url) || text(value.serverUrl) || text(value.httpUrl);
  if ((command === "") === (url === "")) return undefined;
  return {
    name: nameFrom(name),
    transport: transportOf(value, url),
    command,
    args: [...rest, ...texts(value.args)],
    url,
    env: record(value.env ?? value.environment),
    headers: record(value.headers),
  };
}

/** Under which names the tools have their servers: Claude's and Cursor's, VS Code's, Zed's, OpenCode's. */
const KEYS = ["mcpServers", "servers", "context_servers", "mcp"] as const;

/**
 * The servers of a configuration, as JSON: that of Claude, Cursor, VS Code, Zed or OpenCode, or one server's own fields by
 * its name.
 * @returns a sentence where there is none in it
 */
export function importedServers(json: string): ImportedServer[] | string {
  if (json.length > MAX_TEXT_CHARS) return "That's too long for a configuration of MCP servers.";
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return "That isn't JSON.";
  }
  if (!isFields(parsed)) return "That isn't a JSON object.";
  const known = KEYS.map((key) => parsed[key]).find(isFields);
  // VS Code's settings have them one level deeper.
  const inner = isFields(known?.servers) ? known.servers : known;
  const found = Object.entries(inner ?? parsed).flatMap(([name, value]) => serverOf(name, value) ?? []);
  if (found.length === 0) return "No MCP server is in it: each has a command, or a URL.";
  return found.slice(0, MAX_SERVERS);
}

/** A well-known server, with what it needs. */
export interface KnownServer {
  name: string;
  title: string;
  about: string;
  transport: ImportedServer["transport"];
  command?: string;
  args?: string[];
  url?: string;
  /** Variables, or headers, that its owner enters; with what they are. */
  needs: { name: string; about: string; prefix?: string }[];
}

/** Servers to begin with. */
export const KNOWN_SERVERS: readonly KnownServer[] = [
  {
    name: "memory",
    title: "Memory",
    about: "A knowledge graph that the agent keeps for the length of a session.",
    transport: "stdio",
    command: "npx",
    args: ["-y", "@modelcontextprotocol/server-memory@2026.8.31"],
    needs: [],
  },
  {
    name: "everything",
    title: "Everything",
    about: "The protocol's reference server: a tool of each kind, to try things with.",
    transport: "stdio",
    command: "npx",
    args: ["-y", "@modelcontextprotocol/server-everything@2026.8.31"],
    needs: [],
  },
  {
    name: "github",
    title: "GitHub",
    about: "Issues, pull requests and code of GitHub, by GitHub's own server.",
    transport: "streamable-http",
    url: "https://api.githubcopilot.com/mcp/",
    needs: [{ name: "Authorization", about: "A token, after “Bearer ”", prefix: "Bearer " }],
  },
  {
    name: "context7",
    title: "Context7",
    about: "Current documentation of libraries.",
    transport: "streamable-http",
    url: "https://mcp.context7.com/mcp",
    needs: [],
  },
];
