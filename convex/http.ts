import { problemFor } from "#domain/problems.ts";
import { httpRouter } from "convex/server";
import { DEFINITION_KINDS } from "#domain/definitions.ts";
import { internal } from "./_generated/api";
import { publicHttp } from "./functions.ts";

const http = httpRouter();

/** What a platform's answer may have, with room for the rest: 20 MiB, and a character may have three bytes. */
const MAX_PROJECT_CHARS = 6_000_000;

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
    if (!key) return json(401, { error: problemFor("api_key_missing").message });
    const keyHash = await sha256Hex(key);
    const invalid = () => json(401, { error: problemFor("api_key_invalid").message });
    const project = await ctx.runQuery(internal.sync.organization, { keyHash });
    if (!project) return invalid();
    let chars = 0;
    const found: Record<string, string[]> = {};
    for (const { kind, plural } of DEFINITION_KINDS) {
      const texts: string[] = [];
      let cursor: string | null = null;
      do {
        const page: { texts: string[]; cursor: string | null } | null = await ctx.runQuery(
          internal.sync.definitions,
          { keyHash, kind, cursor },
        );
        if (!page) return invalid();
        texts.push(...page.texts);
        chars += page.texts.reduce((sum, text) => sum + text.length, 0);
        if (chars > MAX_PROJECT_CHARS)
          return json(413, {
            error: problemFor("project_too_large", { maxChars: MAX_PROJECT_CHARS }).message,
          });
        ({ cursor } = page);
      } while (cursor !== null);
      found[plural] = texts;
    }
    return json(200, { ...project, ...found });
  }),
});

export default http;
