import type { FunctionReturnType } from "convex/server";
import { api } from "../../../convex/_generated/api.js";
import { hashSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { singleton } from "../singleton.ts";

export type GatewaySession = NonNullable<FunctionReturnType<typeof api.apiKeys.gatewaySession>>;

/** A revoked token ends within this time. */
const CACHE_MS = 5_000;
const MAX_CACHED = 2_000;

interface Cached {
  until: number;
  session: Promise<GatewaySession | null>;
}

/** The session behind a gateway token; null where it has ended, or never was. */
export async function sessionOfToken(token: string): Promise<GatewaySession | null> {
  const cache = singleton("gateway-tokens", () => new Map<string, Cached>());
  const hash = hashSecret(token);
  // A clock that jumps must not keep a revoked token.
  const now = performance.now();
  const known = cache.get(hash);
  if (known && known.until > now) return await known.session;
  if (cache.size >= MAX_CACHED) cache.clear();
  const session = serviceData().query(api.apiKeys.gatewaySession, { hash });
  cache.set(hash, { until: now + CACHE_MS, session });
  session.catch(() => cache.delete(hash));
  return await session;
}
