import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { TokenUsage } from "#domain/catalog.ts";
import type { CallPurpose } from "#domain/completions.ts";
import type { Principal } from "#domain/principal.ts";
import { hashSecret } from "../auth/opaque.ts";
import { hasTelemetry } from "../telemetry/telemetry.ts";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";

type OfToken = NonNullable<FunctionReturnType<typeof api.apiKeys.gatewaySession>>;

/** Whose calls the gateway passes on: a session's agent's, or a person's own. */
export type GatewayCaller = Omit<OfToken, "sessionId" | "status"> & {
  /** Undefined where no session has to do with the calls. */
  sessionId?: OfToken["sessionId"] | undefined;
  /** Who has the call made, and why, where no agent makes it. */
  by?: MadeBy;
};

/** A person, or their key, who has a call made. */
export interface MadeBy {
  caller: Exclude<Principal, { kind: "service" }>;
  purpose: CallPurpose;
  /** What it may cost at most. */
  capMicroUsd?: number | undefined;
  /** Called once the call was counted, before its answer ends. */
  onRecorded?: (spent: Spent) => void;
}

/** What a call has used, and what it is charged; null where nobody has set a price. */
export interface Spent {
  usage: TokenUsage;
  costMicroUsd: number | null;
}

/** A session's agent. */
export type GatewaySession = GatewayCaller & OfToken;

/** Under whose name calls are counted that are under way or were made: a session's, a key's or a person's. */
export function holderOf({ by, sessionId }: GatewayCaller): string {
  if (!by) return sessionId ?? "";
  const { caller } = by;
  return caller.kind === "apiKey"
    ? `key ${caller.keyId}`
    : `person ${caller.organizationId} ${caller.userId}`;
}

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
