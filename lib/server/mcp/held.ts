import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import { MCP_NAME } from "#domain/mcp.ts";
import { type Given, problemFor, type ProblemKind } from "#domain/problems.ts";
import { hashSecret } from "../auth/opaque.ts";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { tokenIn } from "../http/sandbox-token.ts";
import { log, messageOf } from "../log.ts";

type Held = FunctionReturnType<typeof api.sessionMcp.ofToken>;
/** A server that a sandbox may use, with all that it takes. */
export type HeldServer = NonNullable<Held>;

/** A server that was turned off, or a token that was revoked, ends within this time. */
const TOKEN_MS = 5_000;
const MAX_TOKENS = 2_000;

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** A refusal as a client of the protocol reads it. */
export const refusal = <K extends ProblemKind>(status: number, kind: K, ...given: Given<K>) =>
  Response.json(
    { jsonrpc: "2.0", id: null, error: { code: -32_000, message: problemFor(kind, ...given).message } },
    { status, headers: HEADERS },
  );

/**
 * The server that a request of a sandbox is for, by its address and its token; or the refusal.
 * @param address its path, with the server's name as the first group
 */
export async function heldBy(request: Request, address: RegExp): Promise<HeldServer | Response> {
  const name = address.exec(new URL(request.url).pathname)?.[1] ?? "";
  if (!MCP_NAME.test(name)) return refusal(404, "mcp_not_found");
  const token = tokenIn(request);
  if (token === undefined) return refusal(401, "mcp_token");
  const hash = hashSecret(token);
  const known = cacheOf<Promise<Held>>("mcp-tokens", { max: MAX_TOKENS, ttlMs: TOKEN_MS });
  try {
    const server = await cached(
      known,
      `${hash}|${name}`,
      async () => await serviceData().query(api.sessionMcp.ofToken, { hash, name }),
    );
    return server ?? refusal(401, "mcp_token");
  } catch (error) {
    log("warn", "an MCP server could not be looked up", { error: messageOf(error) });
    return refusal(503, "gateway_database");
  }
}
