import type { NextProxy } from "next/server";
import { clerkProxy } from "#server/auth/clerk-proxy.ts";
import { usesClerk } from "#server/env.ts";
import { toOwnName } from "#server/http/loopback-name.ts";
import { withPagePolicy } from "#server/http/page-policy.ts";

/**
 * Pages, and addresses that are none: each gets a policy with a nonce of its own. The API checks its callers itself,
 * and a proxy would cut the gateway's large bodies off.
 */
export const config = {
  matcher: [
    "/((?!api/|studio/api/|_next/|fonts/|theme\\.js$|sw\\.js$|manifest\\.webmanifest$|icon-\\d+\\.png$|favicon\\.ico$).*)",
  ],
};

export const proxy: NextProxy = async (request, event) =>
  toOwnName(request) ?? (usesClerk() ? await clerkProxy(request, event) : withPagePolicy(request));
