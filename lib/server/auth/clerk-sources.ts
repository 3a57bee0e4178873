import { env, usesClerk } from "../env.ts";

/** What Clerk's parts of a page need beyond its own; nothing where Clerk does not sign people in. */
export interface ClerkSources {
  api: string[];
  images: string[];
  frames: string[];
}

/**
 * The instance's own address stands in its publishable key: `pk_live_` and the base64 of `<host>$`.
 * https://clerk.com/docs/security/clerk-csp
 */
export function clerkSources(): ClerkSources {
  if (!usesClerk()) return { api: [], images: [], frames: [] };
  const encoded = (env().CLERK_PUBLISHABLE_KEY ?? "").replace(/^pk_(?:test|live)_/, "");
  const host = Buffer.from(encoded, "base64").toString("utf8").replace(/\$$/, "");
  return {
    api: /^[a-z0-9.-]+$/i.test(host) ? [`https://${host}`] : [],
    images: ["https://img.clerk.com"],
    // Its check for robots.
    frames: ["https://challenges.cloudflare.com"],
  };
}
