/** This folder speaks the Model Context Protocol, with bounds on all that a server sends. */
import {
  type CallToolResult,
  Client,
  type jsonSchemaValidator,
  type JsonSchemaValidatorResult,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type Transport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { MCP_LIMITS, type McpTool } from "#domain/mcp.ts";
import { checkedTools } from "#domain/mcp-tools.ts";

const CLIENT = { name: "studio", version: "1" };
/** Pages of a list that a server may have: one that never ends is none. */
const MAX_PAGES = 20;
/** Of all pages: titles, pictures and results, of which agents are not told, count too. */
const MAX_PAGES_BYTES = 4 * MCP_LIMITS.listBytes;
const MAX_INFO_CHARS = 200;

const TAKES_ALL: jsonSchemaValidator = {
  getValidator<T>() {
    return (input: unknown): JsonSchemaValidatorResult<T> => ({
      valid: true,
      data: input as T,
      errorMessage: undefined,
    });
  },
};

/** Why a server can't be used now. */
export type McpFaultKind = "silent" | "ended" | "refused" | "http" | "unlisted" | "protocol" | "unreachable";

/** A server that can't be used, by kind; the message is a sentence for people, without the server's own words. */
export class McpFault extends Error {
  readonly kind: McpFaultKind;
  constructor(kind: McpFaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "McpFault";
    this.kind = kind;
  }
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** Any error of the SDK's, or of a transport, as a fault. */
export function faultOf(error: unknown, timeoutMs: number): McpFault {
  if (error instanceof McpFault) return error;
  const as = (kind: McpFaultKind, message: string) => new McpFault(kind, message, { cause: error });
  if (error instanceof UnauthorizedError) return as("refused", "It doesn't accept the credentials.");
  if (error instanceof SdkHttpError)
    return error.status === 401 || error.status === 403
      ? as("refused", `It doesn't accept the credentials (${error.status}).`)
      : as("http", `It answered ${error.status}.`);
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return as("silent", `It sent no answer within ${seconds(timeoutMs)}.`);
  if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)
    return as("ended", "It ended, or closed the connection.");
  return as("protocol", "What it sent isn't the Model Context Protocol.");
}

/** An open connection to a server. */
export interface McpConnection {
  client: Client;
  /** The server's own name and version, as it says them. */
  info: string;
  /** How long the greeting took, in ms. */
  latencyMs: number;
}

/**
 * Connects to a server and greets it. It can ask nothing back: neither a model's answer nor a person's.
 * @throws McpFault
 */
export async function connect(
  transport: Transport,
  { timeoutMs = MCP_LIMITS.connectMs, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<McpConnection> {
  const client = new Client(CLIENT, {
    capabilities: {},
    // Schemas are a server's: nothing is compiled from them here. The agent checks what it sends.
    jsonSchemaValidator: TAKES_ALL,
  });
  const began = performance.now();
  try {
    await client.connect(transport, { timeout: timeoutMs, ...(signal && { signal }) });
  } catch (error) {
    await client.close().catch(() => undefined);
    throw faultOf(error, timeoutMs);
  }
  const { name = "", version = "" } = client.getServerVersion() ?? {};
  return {
    client,
    info: `${name} ${version}`.trim().slice(0, MAX_INFO_CHARS),
    latencyMs: Math.round(performance.now() - began),
  };
}

/** The pages of a server's list, as far as they fit: what it sends is in memory until it was checked. @throws McpFault */
async function pagesOf(client: Client, timeoutMs: number): Promise<unknown[]> {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  let bytes = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    // By itself each: the client would gather all of them first, and might have them from before.
    const listed = await client.request(
      { method: "tools/list", params: cursor === undefined ? {} : { cursor } },
      { timeout: timeoutMs },
    );
    tools.push(...listed.tools);
    bytes += bytesOf(listed.tools);
    if (tools.length > MCP_LIMITS.tools || bytes > MAX_PAGES_BYTES)
      throw new McpFault("unlisted", "Its list of tools can't be used (it is too long).");
    cursor = listed.nextCursor;
    if (cursor === undefined) return tools;
  }
  throw new McpFault("protocol", "Its list of tools has no end.");
}

/** All tools of a server, as it lists them now. @throws McpFault also where they are too many, too large, or named twice */
export async function listTools(
  client: Client,
  timeoutMs: number = MCP_LIMITS.connectMs,
): Promise<McpTool[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  try {
    const tools = checkedTools(await pagesOf(client, timeoutMs));
    if (typeof tools === "string") throw new McpFault("unlisted", tools);
    return tools;
  } catch (error) {
    throw faultOf(error, timeoutMs);
  }
}

/** Characters of a server's own words about a call that it refuses. */
const MAX_REFUSAL_CHARS = 2_000;

/**
 * Calls a tool.
 * @returns what the server sends, cut where it is too large; where the server refuses the call, an error with its words
 * @throws McpFault where there is no answer of the protocol's
 */
export async function callTool(
  client: Client,
  { name, inputSchema }: Pick<McpTool, "name" | "inputSchema">,
  args: Record<string, unknown>,
  { timeoutMs = MCP_LIMITS.callMs, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<CallToolResult> {
  try {
    const result = await client.callTool(
      { name, arguments: args },
      {
        timeout: timeoutMs,
        maxTotalTimeout: timeoutMs,
        ...(signal && { signal }),
        // As it was approved, and not what the client has heard of it.
        toolDefinition: { name, inputSchema },
      },
    );
    return bounded(result);
  } catch (error) {
    // Such as arguments that it doesn't take: the connection is as good as before.
    if (error instanceof ProtocolError)
      return {
        isError: true,
        content: [
          { type: "text", text: `It refused the call: ${error.message.slice(0, MAX_REFUSAL_CHARS)}` },
        ],
      };
    throw faultOf(error, timeoutMs);
  }
}

type Content = CallToolResult["content"][number];
const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** A part of a result that fits into so many bytes; undefined where none of it does. */
function fitting(part: Content, bytes: number): Content | undefined {
  if (bytesOf(part) <= bytes) return part;
  if (part.type !== "text" || bytes < 1_000) return undefined;
  // A character has three bytes of UTF-8 a unit at most, and its escape six of JSON.
  return { type: "text", text: part.text.slice(0, Math.floor(bytes / 6)) };
}

/** A result within the bound of what an agent is given; what is left out is said. */
export function bounded(result: CallToolResult, maxBytes: number = MCP_LIMITS.resultBytes): CallToolResult {
  const { content, structuredContent, isError } = result;
  const parts: Content[] = [];
  let left = maxBytes;
  let isCut = false;
  for (const part of content) {
    const fits = fitting(part, left);
    if (fits !== part) isCut = true;
    if (!fits) break;
    parts.push(fits);
    left -= bytesOf(fits);
  }
  const structured = structuredContent !== undefined && bytesOf(structuredContent) <= left;
  if (isCut || (structuredContent !== undefined && !structured))
    parts.push({
      type: "text",
      text: `[Studio: the result was larger than ${maxBytes / 1_000} kB. The rest was left out.]`,
    });
  return {
    content: parts,
    ...(structured && { structuredContent }),
    ...(isError === true && { isError }),
  };
}
