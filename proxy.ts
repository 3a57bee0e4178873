import { NextResponse, type NextProxy } from "next/server";
import { clerkProxy } from "./lib/server/auth/clerk-proxy.ts";
import { usesClerk } from "./lib/server/env.ts";

/** Pages alone: the API checks its callers itself, and a proxy would cut the gateway's large bodies off. */
export const config = { matcher: ["/((?!api/|_next/|.*\\.).*)"] };

export const proxy: NextProxy = async (request, event) =>
  usesClerk() ? await clerkProxy(request, event) : NextResponse.next();
