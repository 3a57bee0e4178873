/** This folder speaks the Model Context Protocol, with bounds on all that a server sends. */
import {
  type CallToolResult,
  Client,
  type jsonSchemaValidator,
  type JsonSchemaValidatorResult,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type Transport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { agentToolName, MCP_LIMITS, type McpTool, toolsText } from "#domain/mcp.ts";
import { mcpToolsSchema } from "#domain/mcp-tools.ts";

const CLIENT = { name: "studio", version: "1" };
/** Pages of a list that a server may have: one that never ends is none. */
const MAX_PAGES = 20;
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
    listMaxPages: MAX_PAGES,
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

/** All tools of a server. @throws McpFault also where they are too many, too large, or named twice */
export async function listTools(
  client: Client,
  timeoutMs: number = MCP_LIMITS.connectMs,
): Promise<McpTool[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  let listed: unknown;
  try {
    listed = (await client.listTools(undefined, { timeout: timeoutMs })).tools;
  } catch (error) {
    throw faultOf(error, timeoutMs);
  }
  const read = mcpToolsSchema.safeParse(listed);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.join(".") ?? "";
    throw new McpFault("unlisted", `Its list of tools can't be used (${where === "" ? "tools" : where}).`);
  }
  // As the agent names them: of two that it can't tell apart, one would be called for the other.
  const names = new Set(read.data.map(({ name }) => agentToolName("", name)));
  if (names.size < read.data.length)
    throw new McpFault("unlisted", "Its list of tools has two with the same name, as agents write it.");
  if (new TextEncoder().encode(toolsText(read.data)).length > MCP_LIMITS.listBytes)
    throw new McpFault("unlisted", `Its list of tools has more than ${MCP_LIMITS.listBytes / 1_000} kB.`);
  return read.data;
}

/** Calls a tool. @throws McpFault; what the tool itself calls an error is a result */
export async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  { timeoutMs = MCP_LIMITS.callMs, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<CallToolResult> {
  try {
    const result = await client.callTool(
      { name, arguments: args },
      { timeout: timeoutMs, maxTotalTimeout: timeoutMs, ...(signal && { signal }) },
    );
    return bounded(result);
  } catch (error) {
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
