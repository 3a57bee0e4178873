import { env } from "../env.ts";

/** Where a sandbox finds Studio and its data. */
export function addresses() {
  const settings = env();
  return {
    studioUrl: (settings.SANDBOX_STUDIO_URL ?? settings.STUDIO_PUBLIC_URL).replace(/\/$/, ""),
    convexUrl: settings.SANDBOX_CONVEX_URL ?? settings.CONVEX_URL,
    convexSiteUrl: settings.SANDBOX_CONVEX_SITE_URL ?? settings.CONVEX_SITE_URL,
  };
}
