import { randomBytes } from "node:crypto";
import { NextResponse, type NextRequest } from "next/server";
import { clerkSources } from "../auth/clerk-sources.ts";
import { env } from "../env.ts";

/** Where the browser reaches Convex: by HTTP, and by its WebSocket. */
function convexSources(): string[] {
  const { origin } = new URL(env().CONVEX_PUBLIC_URL ?? env().CONVEX_URL);
  return [origin, origin.replace(/^http/, "ws")];
}

/**
 * The policy of one page: only scripts that carry its nonce run, and those that they load; nothing is fetched from
 * elsewhere but from Convex, and nothing framed but previews. Styles may be inline: React and the editor set them.
 */
export function pagePolicy(nonce: string): string {
  const clerk = clerkSources();
  const preview = env().STUDIO_PREVIEW_URL;
  const development = process.env.NODE_ENV === "development";
  const rules: Record<string, string[]> = {
    "default-src": ["'self'"],
    "script-src": [`'nonce-${nonce}'`, "'strict-dynamic'", ...(development ? ["'unsafe-eval'"] : [])],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", ...clerk.images],
    "font-src": ["'self'"],
    "connect-src": ["'self'", ...convexSources(), ...clerk.api],
    "frame-src": [...(preview === undefined ? [] : [preview]), ...clerk.frames],
    "worker-src": ["'self'", ...(clerk.api.length > 0 ? ["blob:"] : [])],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
  };
  return Object.entries(rules)
    .map(([name, sources]) => `${name} ${sources.length === 0 ? "'none'" : sources.join(" ")}`)
    .join("; ");
}

/** Lets a page's request go on with a nonce of its own; the page's renderer finds it in the request's headers. */
export function withPagePolicy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString("base64");
  const policy = pagePolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}
