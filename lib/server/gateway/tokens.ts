import type { FunctionReturnType } from "convex/server";
import { api } from "../../../convex/_generated/api.js";
import { hashSecret } from "../auth/opaque.ts";
import { hasTelemetry } from "../telemetry/telemetry.ts";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";

export type GatewaySession = NonNullable<FunctionReturnType<typeof api.apiKeys.gatewaySession>>;

/** A revoked token ends within this time. */
const CACHE_MS = 5_000;
const MAX_CACHED = 2_000;

/** The session behind a gateway token; null where it has ended, or never was. */
export async function sessionOfToken(token: string): Promise<GatewaySession | null> {
  const known = cacheOf<Promise<GatewaySession | null>>("gateway-tokens", {
    max: MAX_CACHED,
    ttlMs: CACHE_MS,
  });
  const hash = hashSecret(token);
  // A run's trace changes with each message: where it is followed, it is asked for with each call.
  if (hasTelemetry()) return await serviceData().query(api.apiKeys.gatewaySession, { hash });
  return await cached(
    known,
    hash,
    async () => await serviceData().query(api.apiKeys.gatewaySession, { hash }),
  );
}
