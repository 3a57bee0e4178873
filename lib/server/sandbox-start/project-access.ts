import { deriveSecret } from "../auth/opaque.ts";
import { env } from "../env.ts";
import { addresses } from "./addresses.ts";

/** What `struere` finds a session's project by. Addresses are as the sandbox sees them. */
export interface ProjectAccess {
  /** The temporary key for the project's files. */
  syncKey: string;
  convexUrl: string;
  convexSiteUrl: string;
}

/**
 * A session's key for its project. Every server can make it again: a sandbox that was started before its session was
 * known has no environment of its own, so that each program in it is given this.
 */
export const projectKey = (sessionId: string) =>
  deriveSecret("sync_studio", env().STUDIO_AUTH_SECRET, sessionId);

/** As variables. */
export const projectVariables = (input: ProjectAccess): Record<string, string> => ({
  STRUERE_API_KEY: input.syncKey,
  STRUERE_CONVEX_URL: input.convexUrl,
  // Where Convex's HTTP actions are: the CLI derives it from the address above, which only Convex's cloud allows.
  STRUERE_CONVEX_SITE_URL: input.convexSiteUrl,
});

/** What a program in a session's sandbox finds its project by. */
export const projectVariablesOf = (sessionId: string): Record<string, string> =>
  projectVariables({ ...addresses(), syncKey: projectKey(sessionId).secret });
