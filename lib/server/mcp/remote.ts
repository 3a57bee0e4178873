import {
  type AuthProvider,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { MCP_LIMITS, type McpTransport } from "#domain/mcp.ts";
import { connect, McpFault, type McpConnection } from "#mcp/client.ts";
import { TooLarge } from "#net/body.ts";
import { transportKindOf } from "#net/transport.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { ForbiddenAddress, guardedFetch, type GuardPolicy } from "../net/guarded-fetch.ts";

/** How a remote server is reached. */
export interface RemoteServer {
  transport: Exclude<McpTransport, "stdio">;
  url: string;
  headers: Record<string, string>;
  /** Where somebody has signed in to it. */
  auth?: AuthProvider | undefined;
  /** By default the operator's. */
  policy?: GuardPolicy;
}

const NEWLINE = 10;
const RETURN = 13;

/** Of one answer, however small its messages are: a stream without end takes the time of others. */
const MAX_ANSWER_BYTES = 8 * MCP_LIMITS.messageBytes;

/** An answer's body, which fails as soon as one message of it is too large, or all: an event's end is an empty line. */
function withBoundedMessages(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  let size = 0;
  let whole = 0;
  let isLineEmpty = false;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (const byte of chunk) {
          size += 1;
          if (byte === NEWLINE) {
            if (isLineEmpty) size = 0;
            isLineEmpty = true;
          } else if (byte !== RETURN) isLineEmpty = false;
        }
        whole += chunk.length;
        if (size > maxBytes || whole > MAX_ANSWER_BYTES) throw new TooLarge(maxBytes);
        controller.enqueue(chunk);
      },
    }),
  );
}

/** `fetch` for the protocol's client: to addresses that are allowed alone, without redirects, and bounded. */
async function fetchFrom(policy: GuardPolicy, url: string | URL, init: RequestInit = {}): Promise<Response> {
  const { method, headers, body, signal } = init;
  const answer = await guardedFetch(
    String(url),
    {
      ...(method !== undefined && { method }),
      headers: new Headers(headers),
      ...(typeof body === "string" && { body: new TextEncoder().encode(body) }),
      ...(signal && { signal }),
    },
    policy,
  );
  if (!answer.body) return answer;
  const { status, headers: answered } = answer;
  return new Response(withBoundedMessages(answer.body, MCP_LIMITS.messageBytes), {
    status,
    headers: answered,
  });
}

function transportOf({ transport, url, headers, auth, policy = guardPolicy() }: RemoteServer): Transport {
  const fetch = async (to: string | URL, init?: RequestInit) => await fetchFrom(policy, to, init);
  const options = { fetch, requestInit: { headers }, ...(auth && { authProvider: auth }) };
  return transport === "sse"
    ? new SSEClientTransport(new URL(url), options)
    : new StreamableHTTPClientTransport(new URL(url), options);
}

/** What stands in the way of reaching a server, in words; undefined where something else is wrong. */
function wayFault(error: unknown): McpFault | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof McpFault && at !== error) return at;
    if (at instanceof ForbiddenAddress) return new McpFault("unreachable", at.message, { cause: error });
    if (at instanceof TooLarge)
      return new McpFault("protocol", `It sent a message of more than ${MCP_LIMITS.messageBytes / 1e6} MB.`);
  }
  const kind = transportKindOf(error instanceof McpFault ? error.cause : error);
  if (kind === undefined) return undefined;
  return kind === "timeout"
    ? new McpFault("silent", "It didn't answer in time.", { cause: error })
    : new McpFault("unreachable", "It couldn't be reached.", { cause: error });
}

/** Runs what speaks to a remote server. @throws McpFault that says what stands in the way, where that is known */
export async function overTheWay<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wayFault(error) ?? error;
  }
}

/** Connects to a remote server. @throws McpFault */
export const connectRemote = async (server: RemoteServer, signal?: AbortSignal): Promise<McpConnection> =>
  await overTheWay(async () => await connect(transportOf(server), signal ? { signal } : {}));
