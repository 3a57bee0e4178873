import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Principal } from "../../domain/principal.ts";
import { singleton } from "../singleton.ts";
import { HttpError } from "./error.ts";

/** Requests of one caller in a window, counted by each server process. */
const QUOTA = 600;
const WINDOW_S = 60;

const limiter = () =>
  singleton(
    "rate-limiter",
    () => new RateLimiterMemory({ points: QUOTA, duration: WINDOW_S, keyPrefix: "" }),
  );

function headersOf(left: RateLimiterRes): Record<string, string> {
  const seconds = Math.ceil(left.msBeforeNext / 1000);
  return {
    "ratelimit-policy": `"caller";q=${QUOTA};w=${WINDOW_S}`,
    ratelimit: `"caller";r=${left.remainingPoints};t=${seconds}`,
  };
}

/**
 * Counts a request of a key or a person, and answers the standard headers (draft-ietf-httpapi-ratelimit-headers).
 * @throws HttpError rate_limited, with `retry-after`, where the window's quota is used up
 */
export async function countRequest(
  caller: Exclude<Principal, { kind: "service" }>,
): Promise<Record<string, string>> {
  const name = caller.kind === "apiKey" ? caller.keyId : `${caller.userId}:${caller.organizationId}`;
  try {
    return headersOf(await limiter().consume(name));
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    throw new HttpError(
      "rate_limited",
      `More than ${QUOTA} requests in a minute. Go on in ${seconds} s.`,
      undefined,
      { ...headersOf(refused), "retry-after": String(seconds) },
    );
  }
}
