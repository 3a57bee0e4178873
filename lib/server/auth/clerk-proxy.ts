import { clerkMiddleware } from "@clerk/nextjs/server";
import type { NextProxy } from "next/server";
import { env } from "../env.ts";
import { withPagePolicy } from "../http/page-policy.ts";
import { singleton } from "../singleton.ts";

/** Clerk's part of each page request: it renews a token that has run out before the page asks who is there. */
export const clerkProxy: NextProxy = async (request, event) => {
  const run = singleton("clerk-proxy", () => {
    const { CLERK_SECRET_KEY, CLERK_PUBLISHABLE_KEY, CLERK_JWT_KEY } = env();
    return clerkMiddleware((_auth, request) => withPagePolicy(request), {
      publishableKey: CLERK_PUBLISHABLE_KEY ?? "",
      ...(CLERK_SECRET_KEY && { secretKey: CLERK_SECRET_KEY }),
      ...(CLERK_JWT_KEY && { jwtKey: CLERK_JWT_KEY }),
      signInUrl: "/sign-in",
      signUpUrl: "/sign-up",
    });
  });
  return await run(request, event);
};
