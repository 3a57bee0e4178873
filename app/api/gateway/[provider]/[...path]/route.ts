import { gateway } from "#server/gateway/gateway.ts";

export const dynamic = "force-dynamic";

export async function POST(
  request: Request,
  context: { params: Promise<{ provider: string; path: string[] }> },
): Promise<Response> {
  const { provider, path } = await context.params;
  return await gateway(request, provider, path);
}
