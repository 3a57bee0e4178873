import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { singleton } from "../singleton.ts";

const limiters = () => singleton("sign-in-limiters", () => new Map<string, RateLimiterMemory>());

function limiterOf({ window, max }: { window: number; max: number }): RateLimiterMemory {
  const name = `${max}/${window}`;
  const known = limiters().get(name);
  if (known) return known;
  const made = new RateLimiterMemory({ points: max, duration: window, keyPrefix: name });
  limiters().set(name, made);
  return made;
}

/**
 * Better Auth's rate-limit storage with a fixed window (`window` in seconds, `retryAfter` too).
 * Its own memory begins a new window only after a quiet one: an address from which people sign in
 * steadily (an office) is locked out however slowly they do it.
 */
export const signInLimit = {
  async consume(
    key: string,
    rule: { window: number; max: number },
  ): Promise<{ allowed: boolean; retryAfter: number | null }> {
    try {
      await limiterOf(rule).consume(key);
      return { allowed: true, retryAfter: null };
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return { allowed: false, retryAfter: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) };
    }
  },
};
