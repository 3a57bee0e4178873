import { NextResponse, type NextRequest } from "next/server";
import { env } from "../env.ts";

/** The names of one's own machine. To a browser each is another site, with other cookies. */
const NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

const inHtml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/**
 * Where a page is asked for by another name of this machine than Studio's own, a page that leads to the same one under
 * its own: nobody could sign in under the other. Nothing where either is not this machine, as behind a proxy.
 *
 * It is no redirect: Next takes these names for one, and would send the browser back to where it is.
 */
export function toOwnName(
  request: NextRequest,
  publicUrl = env().STUDIO_PUBLIC_URL,
): NextResponse | undefined {
  const own = new URL(publicUrl);
  const asked = URL.parse(`http://${request.headers.get("host") ?? ""}`);
  if (request.method !== "GET" || !asked || asked.port !== own.port || asked.hostname === own.hostname)
    return undefined;
  if (!NAMES.has(asked.hostname) || !NAMES.has(own.hostname)) return undefined;
  const to = new URL(own);
  // Put in, and not resolved: a path may begin as another site's address does.
  to.pathname = request.nextUrl.pathname;
  to.search = request.nextUrl.search;
  const there = inHtml(to.href);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Studio</title><meta http-equiv="refresh" content="0;url=${there}"><p>Studio is at <a href="${there}">${inHtml(own.origin)}</a>.</p></html>`;
  return new NextResponse(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    },
  });
}
