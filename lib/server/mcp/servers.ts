/** This folder is Studio's way to MCP servers: what an organization has of them, and the agents' use of them. */
import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  createMcpServerBody,
  McpServerJson,
  McpServerTools,
  updateMcpServerBody,
} from "#contracts/mcp.ts";
import { type McpTool, RESERVED_MCP_NAMES, toolChanges } from "#domain/mcp.ts";
import { toolsOf } from "#domain/mcp-tools.ts";
import type { Principal } from "#domain/principal.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { checkUrl, ForbiddenAddress } from "../net/guarded-fetch.ts";
import { checkedValues, maskedValues, openValues, sealValues } from "./values.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.mcpServers.list>[number];
type Known = NonNullable<FunctionReturnType<typeof api.mcpServers.forSaving>["known"]>;
type Sent = Omit<z.output<typeof updateMcpServerBody>, "enabled" | "tools_digest">;

const iso = (at: number) => new Date(at).toISOString();

/** A server as `/api/v1` has it. */
export const show = (row: Row): McpServerJson => ({
  id: row.id,
  name: row.name,
  transport: row.transport,
  ...(row.command !== undefined && { command: row.command, args: row.args ?? [] }),
  ...(row.url !== undefined && { url: row.url }),
  env: row.env,
  headers: row.headers,
  enabled: row.enabled,
  last_status: row.status,
  ...(row.statusDetail !== undefined && { last_error: row.statusDetail }),
  ...(row.serverInfo !== undefined && { server_info: row.serverInfo }),
  ...(row.latencyMs !== undefined && { latency_ms: row.latencyMs }),
  sign_in: row.signIn ?? null,
  tested_at: row.testedAt === undefined ? null : iso(row.testedAt),
  tools_count: row.toolsCount,
  tools_digest: row.foundDigest ?? null,
  has_changed: hasChanged(row),
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
});

const hasChanged = ({ approvedDigest, foundDigest }: Row): boolean =>
  approvedDigest !== undefined && foundDigest !== undefined && approvedDigest !== foundDigest;

/** A tool as `/api/v1` has it. */
export const showTool = ({ name, title, description, inputSchema, annotations }: McpTool) => ({
  name,
  ...(title !== undefined && { title }),
  ...(description !== undefined && { description }),
  input_schema: inputSchema,
  ...(annotations?.readOnlyHint !== undefined && { read_only: annotations.readOnlyHint }),
  ...(annotations?.destructiveHint !== undefined && { destructive: annotations.destructiveHint }),
});

/** The organization's servers, by their names. */
export async function listServers(caller: Caller): Promise<McpServerJson[]> {
  return (await dataFor(caller).query(api.mcpServers.list, {})).map(show);
}

/** The address of a remote server. @throws HttpError invalid_request where Studio may not go there */
function checkedUrl(text: string): string {
  try {
    return checkUrl(text, guardPolicy()).href;
  } catch (error) {
    throw error instanceof ForbiddenAddress ? refuse("mcp_url_forbidden", { fault: error.message }) : error;
  }
}

/** How a server is reached, of what was sent and what was there. @throws HttpError invalid_request */
function placeOf(sent: Sent, known: Known | null) {
  const transport = sent.transport ?? known?.transport;
  if (transport === undefined) throw refuse("mcp_needs", { field: "transport", transport: "MCP" });
  const isSame = transport === known?.transport;
  const isStdio = transport === "stdio";
  const [own, others] = isStdio
    ? ([
        ["command", "args", "env"],
        ["url", "headers"],
      ] as const)
    : ([
        ["url", "headers"],
        ["command", "args", "env"],
      ] as const);
  for (const field of others)
    if (sent[field] !== undefined && Object.keys(sent[field]).length > 0)
      throw refuse("mcp_needs_none", { field, transport });
  const [needed] = own;
  const command = isStdio ? (sent.command ?? (isSame ? known.command : undefined)) : undefined;
  const url = isStdio ? undefined : (sent.url ?? (isSame ? known.url : undefined));
  if (command === undefined && url === undefined) throw refuse("mcp_needs", { field: needed, transport });
  return {
    transport,
    ...(command !== undefined && {
      command,
      args: sent.args ?? (isSame ? (known.args ?? []) : []),
    }),
    ...(url !== undefined && { url: checkedUrl(url) }),
  };
}

/** A secret goes only where it was entered for: to the same program, or the same host. */
function isSamePlace(place: ReturnType<typeof placeOf>, known: Known): boolean {
  if (place.transport === "stdio")
    return (
      known.transport === "stdio" &&
      place.command === known.command &&
      JSON.stringify(place.args) === JSON.stringify(known.args)
    );
  return known.url !== undefined && new URL(place.url ?? "").origin === new URL(known.url).origin;
}

async function save(caller: Caller, serverId: string | undefined, sent: Sent): Promise<McpServerJson> {
  const data = serviceData();
  const actor = actorOf(caller);
  const found = await data.query(api.mcpServers.forSaving, {
    actor,
    ...(serverId !== undefined && { serverId }),
  });
  const { organizationId, nextVersion: version, dataKey, known } = found;
  const name = sent.name ?? known?.name ?? "";
  if (RESERVED_MCP_NAMES.includes(name)) throw refuse("mcp_name_reserved", { name });
  const place = placeOf(sent, known);
  const kept =
    known && dataKey && isSamePlace(place, known)
      ? openValues(organizationId, { ...known, dataKey })
      : undefined;
  const shown = known?.transport === place.transport ? { env: known.env, headers: known.headers } : undefined;
  const values = checkedValues(sent, shown, kept);
  return show(
    await data.mutation(api.mcpServers.save, {
      actor,
      ...(serverId !== undefined && { serverId }),
      name,
      ...place,
      ...maskedValues(values),
      ...sealValues(organizationId, { name, version, dataKey }, values),
    }),
  );
}

/** Adds a server; it is off until somebody has seen its tools. @throws HttpError invalid_request | key_unreadable */
export const createServer = async (
  caller: Caller,
  body: z.output<typeof createMcpServerBody>,
): Promise<McpServerJson> => await save(caller, undefined, body);

/**
 * Changes a server, or turns it on or off.
 * @throws HttpError not_found | invalid_request | not_ready | key_unreadable
 */
export async function updateServer(
  caller: Caller,
  serverId: string,
  body: z.output<typeof updateMcpServerBody>,
): Promise<McpServerJson> {
  const { enabled, tools_digest: seen, ...sent } = body;
  const isChange = Object.keys(sent).length > 0;
  if (isChange && (enabled !== undefined || seen !== undefined)) throw refuse("mcp_enabled_alone");
  if (isChange) return await save(caller, serverId, sent);
  if (enabled === undefined) throw refuse("mcp_enabled_alone");
  return await enableServer(caller, serverId, enabled, seen);
}

/** Turns a server on, with the tools that it was found to offer, or off. @throws HttpError not_found | not_ready */
export const enableServer = async (
  caller: Caller,
  serverId: string,
  enabled: boolean,
  seen?: string,
): Promise<McpServerJson> =>
  show(
    await dataFor(caller).mutation(api.mcpServers.enable, {
      serverId,
      enabled,
      ...(seen !== undefined && { seen }),
    }),
  );

/** What a server offers, what was approved of it, and what differs. @throws HttpError not_found */
export async function serverTools(caller: Caller, serverId: string): Promise<McpServerTools> {
  const { server, approved, found } = await dataFor(caller).query(api.mcpServers.tools, { serverId });
  const [before, now] = [approved, found].map((list) => list && toolsOf(list.tools));
  return {
    server: show(server),
    approved: before?.map(showTool) ?? null,
    found: now?.map(showTool) ?? null,
    changes: before && now && hasChanged(server) ? toolChanges(before, now) : null,
  };
}

/** How a server's calls went in the last days. @throws HttpError not_found */
export async function serverCalls(caller: Caller, serverId: string) {
  const { days, failures } = await dataFor(caller).query(api.mcpUsage.ofServer, { serverId });
  return {
    days: days.map(({ day, calls, errors, totalMs, maxMs, resultBytes }) => ({
      day,
      calls,
      errors,
      total_ms: totalMs,
      max_ms: maxMs,
      result_bytes: resultBytes,
    })),
    failures: failures.map(({ at, tool, message }) => ({ at: iso(at), tool, message })),
  };
}

/** So much of a description is in a list of all tools. */
const MAX_LISTED_CHARS = 500;

/** Tools of the agent's own, as rules name them. */
const BUILTIN = {
  shell: "Runs a command in the sandbox.",
  read_file: "Reads a file.",
  write_file: "Creates or changes a file.",
  list_directory: "Lists a folder.",
  glob: "Finds files by their names.",
  grep: "Searches in files.",
  fetch: "Reads a web page, within the network policy.",
  web_search: "Searches the web, within the network policy.",
  task: "Gives a part of the work to a subagent.",
} as const;

/** After that many, the list goes on at the next server: one has all of its tools on one page. */
const TOOLS_A_PAGE = 500;

/**
 * The tools that agents can have: the approved ones of servers that are on, by their names, and at the end their own.
 * @param after the name of the server after which the list goes on
 */
export async function listTools(caller: Caller, after = "") {
  const data = dataFor(caller);
  const servers = (await data.query(api.mcpServers.list, {})).filter(
    ({ enabled, name }) => enabled && name > after,
  );
  const tools: { server: string; name: string; description: string }[] = [];
  // One after another: each list may be as large as one can be.
  for (const { id, name: server } of servers) {
    for (const { name, description = "" } of toolsOf(
      (await data.query(api.mcpServers.approved, { serverId: id })) ?? "[]",
    ))
      tools.push({ server, name, description: description.slice(0, MAX_LISTED_CHARS) });
    if (tools.length >= TOOLS_A_PAGE && server !== servers.at(-1)?.name)
      return { tools, next_cursor: server };
  }
  for (const [name, description] of Object.entries(BUILTIN))
    tools.push({ server: "builtin", name, description });
  return { tools, next_cursor: null };
}
