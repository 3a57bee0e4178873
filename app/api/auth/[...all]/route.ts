import { embeddedHandler } from "#server/auth/embedded.ts";
import { usesClerk } from "#server/env.ts";

/** The embedded driver's own routes; with Clerk there are none. */
async function handle(request: Request): Promise<Response> {
  return usesClerk() ? new Response(null, { status: 404 }) : await embeddedHandler(request);
}

export { handle as GET, handle as POST };
