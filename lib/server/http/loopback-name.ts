import { NextResponse, type NextRequest } from "next/server";
import { env } from "../env.ts";

/** The names of one's own machine. To a browser each is another site, with other cookies. */
const NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Where a page is asked for by another name of this machine than Studio's own, the way to the same page under its own:
 * nobody could sign in under the other. Nothing where either is not this machine, as behind a proxy.
 */
export function toOwnName(
  request: NextRequest,
  publicUrl = env().STUDIO_PUBLIC_URL,
): NextResponse | undefined {
  const own = new URL(publicUrl);
  const asked = URL.parse(`http://${request.headers.get("host") ?? ""}`);
  if (!asked || asked.port !== own.port || asked.hostname === own.hostname) return undefined;
  if (!NAMES.has(asked.hostname) || !NAMES.has(own.hostname)) return undefined;
  const { pathname, search } = request.nextUrl;
  return NextResponse.redirect(new URL(pathname + search, own), 307);
}
