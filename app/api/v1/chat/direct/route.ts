import { chatDirect } from "#server/completions/direct.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/chat/direct",
  async ({ caller, body, request }) => await chatDirect(caller, body, request),
);
