import { BROWSER_TOKEN_MS, mintToken } from "#server/auth/tokens.ts";
import { buildId } from "#server/build.ts";
import { env } from "#server/env.ts";
import { route } from "#server/http/route.ts";

/** A token for the browser's data client, in the name of whoever is signed in. */
export const GET = route("GET /api/auth/token", async ({ caller }) => ({
  token: await mintToken(caller, BROWSER_TOKEN_MS),
  convexUrl: env().CONVEX_PUBLIC_URL ?? env().CONVEX_URL,
  expiresAt: Date.now() + BROWSER_TOKEN_MS,
  build: buildId(),
}));
