import { gitWebhook } from "#server/settings/git-hooks.ts";

/** Webhooks of git hosts, signed. */
export async function POST(
  request: Request,
  { params }: { params: Promise<{ connection: string }> },
): Promise<Response> {
  return await gitWebhook(request, (await params).connection);
}
