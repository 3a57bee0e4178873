import { ConvexHttpClient } from "convex/browser";
import type { FunctionArgs, FunctionReference, FunctionReturnType } from "convex/server";
import { z } from "zod";
import type { Principal } from "#domain/principal.ts";
import { cached, cacheOf } from "../cache.ts";
import { mintToken, SERVER_TOKEN_MS } from "../auth/tokens.ts";
import { TransportError } from "#net/transport.ts";
import { env } from "../env.ts";

/** Calls of Convex in one principal's name. */
export interface Data {
  query<F extends FunctionReference<"query">>(fn: F, args: FunctionArgs<F>): Promise<FunctionReturnType<F>>;
  mutation<F extends FunctionReference<"mutation">>(
    fn: F,
    args: FunctionArgs<F>,
  ): Promise<FunctionReturnType<F>>;
}

const MAX_CACHED = 500;
/** A function's own limits are far below this: a connection that hears nothing for so long is lost. */
const ANSWER_MS = 20_000;

/** Convex's status for what a function threw (https://docs.convex.dev/http-api): the only one from 500 that is an answer. */
const FUNCTION_FAILED = 560;
const MAX_REASON = 500;

/** The code that the embedded runtime gives its refusal. */
function codeOf(body: string): unknown {
  try {
    return z.object({ code: z.string() }).parse(JSON.parse(body)).code;
  } catch {
    return undefined;
  }
}

/** @throws TransportError where Convex's own front, or a proxy before it, answers in its place */
const fetchConvex: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  const { status } = response;
  if (status < 500 || status === FUNCTION_FAILED) return response;
  const reason = (await response.text()).slice(0, MAX_REASON);
  throw new TransportError(
    codeOf(reason) === "StorageFull" ? "full" : "unavailable",
    `Convex answered ${status}: ${reason}`,
  );
};

const clients = () =>
  cacheOf<Promise<ConvexHttpClient>>("convex-clients", { max: MAX_CACHED, ttlMs: SERVER_TOKEN_MS / 2 });

/** A client with a live token for the principal, shared by its calls and renewed at half of the token's life. */
async function clientFor(principal: Principal): Promise<ConvexHttpClient> {
  return await cached(clients(), JSON.stringify(principal), async () => {
    const client = new ConvexHttpClient(env().CONVEX_URL, { logger: false, fetch: fetchConvex });
    client.setAuth(await mintToken(principal, SERVER_TOKEN_MS));
    return client;
  });
}

/** Convex in the name of `principal`; it decides there what may be done. */
export function dataFor(principal: Principal): Data {
  return {
    query: async (fn, args) => await (await clientFor(principal)).query(fn, args),
    mutation: async (fn, args) =>
      // Without the client's own queue: calls of different sessions must not wait for each other.
      await (await clientFor(principal)).mutation(fn, args, { skipQueue: true }),
  };
}

/** The person or key that a server acts for, as Convex's `actorQuery` and `actorMutation` take it; there it is checked. */
export function actorOf(principal: Exclude<Principal, { kind: "service" }>) {
  const { organizationId, userId, role, from } = principal;
  return {
    organizationId,
    userId,
    role,
    ...(principal.kind === "apiKey" && { keyId: principal.keyId }),
    ...(from && { via: from.via }),
    ...(from?.address !== undefined && { address: from.address }),
  };
}

/** Convex in the name of Studio's own servers. */
export const serviceData = (): Data => dataFor({ kind: "service" });
