import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { isOverLimit } from "../over-limit.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";

/** Failed sign-ins in a quarter of an hour, after which the next one is refused unseen. */
const FAILURES = {
  /** For one account, from browsers that have never signed in to it. */
  account: 10,
  /** For one account, from a browser that has: strangers' failures do not count against it, nor its own against them. */
  browser: 10,
  /** From one address, for any account: an office shares one, so failures alone count. */
  address: 100,
} as const;
const WINDOW_S = 15 * 60;

type Scope = keyof typeof FAILURES;

const limiter = (scope: Scope) =>
  singleton(
    `sign-in-failures ${scope}`,
    () => new RateLimiterMemory({ points: FAILURES[scope], duration: WINDOW_S, keyPrefix: scope }),
  );

export const BROWSER_COOKIE = "studio.browser";
const BROWSER_S = 180 * 24 * 3600;

const sign = (text: string) =>
  createHmac("sha256", env().STUDIO_AUTH_SECRET).update(`browser:${text}`).digest("base64url");

/** A mark for a browser in which this account has signed in. It opens nothing; see FAILURES. */
export function browserCookie(account: string): string {
  const id = randomBytes(9).toString("base64url");
  const secure = env().STUDIO_PUBLIC_URL.startsWith("https:") ? "; Secure" : "";
  const value = `${id}.${sign(`${id}:${account}`)}`;
  return `${BROWSER_COOKIE}=${value}; Path=/api/auth; HttpOnly; SameSite=Lax; Max-Age=${BROWSER_S}${secure}`;
}

/** The mark of a browser in which the account has signed in before; null where there is none, or a forged one. */
function knownBrowser(cookies: string, account: string): string | null {
  const value = new RegExp(`(?:^|;\\s*)${BROWSER_COOKIE.replace(".", "\\.")}=([\\w-]+)\\.([\\w-]+)`).exec(
    cookies,
  );
  const [, id, signature] = value ?? [];
  if (!id || !signature) return null;
  const wanted = Buffer.from(sign(`${id}:${account}`));
  const given = Buffer.from(signature);
  return wanted.length === given.length && timingSafeEqual(wanted, given) ? id : null;
}

/** A try that was let through; it counts as a failure until `succeeded` is called. */
export interface SignInTry {
  succeeded(): Promise<void>;
}

/**
 * Counts a sign-in before its password is looked at, so that many at once are counted too.
 * @returns seconds to wait where it is refused
 */
export async function trySignIn(attempt: {
  account: string;
  address: string;
  cookies: string;
}): Promise<SignInTry | { waitS: number }> {
  const browser = knownBrowser(attempt.cookies, attempt.account);
  // A browser that is known is held to its own count alone: no neighbor and no stranger can lock its person out.
  const counts: [Scope, string][] =
    browser === null
      ? [
          ["account", attempt.account],
          ["address", attempt.address],
        ]
      : [["browser", browser]];
  for (const [index, [scope, key]] of counts.entries())
    try {
      await limiter(scope).consume(key);
    } catch (refused) {
      if (!isOverLimit(refused)) throw refused;
      for (const [before, name] of counts.slice(0, index)) await limiter(before).reward(name);
      return { waitS: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) };
    }
  return {
    succeeded: async () => {
      for (const [scope, key] of counts) {
        if (scope === "address") await limiter(scope).reward(key);
        else await limiter(scope).delete(key);
      }
    },
  };
}

const windows = () => singleton("auth-windows", () => new Map<string, RateLimiterMemory>());

function windowOf({ window, max }: { window: number; max: number }): RateLimiterMemory {
  const name = `${max}/${window}`;
  const known = windows().get(name);
  if (known) return known;
  const made = new RateLimiterMemory({ points: max, duration: window, keyPrefix: name });
  windows().set(name, made);
  return made;
}

/**
 * Better Auth's rate-limit storage with a fixed window (`window` in seconds, `retryAfter` too), for its other routes.
 * Its own memory begins a new window only after a quiet one: an address from which people sign in
 * steadily (an office) is locked out however slowly they do it.
 */
export const requestLimit = {
  async consume(
    key: string,
    rule: { window: number; max: number },
  ): Promise<{ allowed: boolean; retryAfter: number | null }> {
    try {
      await windowOf(rule).consume(key);
      return { allowed: true, retryAfter: null };
    } catch (refused) {
      if (!isOverLimit(refused)) throw refused;
      return { allowed: false, retryAfter: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) };
    }
  },
};
