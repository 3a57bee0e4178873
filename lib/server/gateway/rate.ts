import { RateLimiterMemory } from "rate-limiter-flexible";
import { isOverLimit } from "../over-limit.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";
import { type GatewayCaller, holderOf } from "./tokens.ts";

/** No agent with its subagents needs more; one that asks in a circle does. Counted by each server process. */
export const callsPerMinute = (): number => env().STUDIO_MODEL_CALLS_PER_MINUTE;

const limiter = () =>
  singleton(
    "gateway-rate",
    () => new RateLimiterMemory({ points: callsPerMinute(), duration: 60, keyPrefix: "" }),
  );

/** Counts a call of a session, or of a person. @returns false where it makes too many */
export async function mayCall(caller: GatewayCaller): Promise<boolean> {
  try {
    await limiter().consume(holderOf(caller));
    return true;
  } catch (error) {
    if (isOverLimit(error)) return false;
    throw error;
  }
}
