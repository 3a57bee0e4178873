import { httpRouter } from "convex/server";
import { internal } from "./_generated/api";
import { publicHttp } from "./functions.ts";

const http = httpRouter();

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Every definition of the project in the key's environment. The key alone says which organization that is. */
http.route({
  path: "/v1/sync/pull",
  method: "POST",
  handler: publicHttp(async (ctx, request) => {
    const key = /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (!key) return json(401, { error: "Send the API key as `Authorization: Bearer <key>`." });
    const project = await ctx.runQuery(internal.sync.project, { keyHash: await sha256Hex(key) });
    if (!project) return json(401, { error: "This API key is not valid (any more)." });
    return json(200, project);
  }),
});

export default http;
