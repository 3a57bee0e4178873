import { chat } from "#server/completions/chat.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/chat",
  async ({ caller, body, request }) => await chat(caller, body, request.signal),
);
