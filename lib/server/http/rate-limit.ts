import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { isOverLimit } from "../over-limit.ts";
import type { Principal } from "#domain/principal.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";
import { refuseWith } from "./refuse.ts";

/** Shares of the operator's limit that one caller has in a window, counted by each server process. */
const SHARES = {
  caller: 1,
  /** What is typed into terminals comes in many small requests. */
  typing: 5,
  /** One address, before it's known who asks: an office may share one. */
  stranger: 0.2,
} as const;
type Share = keyof typeof SHARES;
export type Quota = Exclude<Share, "stranger">;
const WINDOW_S = 60;

const quotaOf = (quota: Share) => Math.ceil(SHARES[quota] * env().STUDIO_REQUESTS_PER_MINUTE);

const limiter = (quota: Share) =>
  singleton(
    `rate-limiter ${quota}`,
    () => new RateLimiterMemory({ points: quotaOf(quota), duration: WINDOW_S, keyPrefix: "" }),
  );

function headersOf(left: RateLimiterRes, quota: Share): Record<string, string> {
  const seconds = Math.ceil(left.msBeforeNext / 1000);
  return {
    "ratelimit-policy": `"${quota}";q=${quotaOf(quota)};w=${WINDOW_S}`,
    ratelimit: `"${quota}";r=${left.remainingPoints};t=${seconds}`,
  };
}

async function count(name: string, quota: Share): Promise<Record<string, string>> {
  try {
    return headersOf(await limiter(quota).consume(name), quota);
  } catch (refused) {
    if (!isOverLimit(refused)) throw refused;
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    throw refuseWith(
      { headers: { ...headersOf(refused, quota), "retry-after": String(seconds) } },
      "rate_limited",
      { limit: quotaOf(quota), seconds },
    );
  }
}

/**
 * Counts a request of a key or a person. @returns the standard headers (draft-ietf-httpapi-ratelimit-headers).
 * @throws HttpError rate_limited, with `retry-after`, where the window's quota is used up
 */
export const countRequest = async (
  caller: Exclude<Principal, { kind: "service" }>,
  quota: Quota = "caller",
): Promise<Record<string, string>> =>
  await count(caller.kind === "apiKey" ? caller.keyId : `${caller.userId}:${caller.organizationId}`, quota);

/** The same for an operator, by their address of mail. */
export const countOperator = async (by: string): Promise<Record<string, string>> =>
  await count(`operator:${by}`, "caller");

/** The same for somebody who isn't known, by the address that they come from. */
export const countStranger = async (address: string): Promise<Record<string, string>> =>
  await count(address, "stranger");
