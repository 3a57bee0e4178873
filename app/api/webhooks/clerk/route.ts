import { clerkWebhook } from "#server/auth/clerk.ts";
import { env } from "#server/env.ts";
import { boundedHandler } from "#server/http/bounded.ts";

/** Clerk's messages, signed. A message that could not be taken over is answered with an error, so that it comes again. */
export const POST = boundedHandler(async (request) => {
  if (!env().CLERK_WEBHOOK_SECRET) return new Response(null, { status: 404 });
  return new Response(null, { status: (await clerkWebhook(request)) ? 204 : 401 });
});
