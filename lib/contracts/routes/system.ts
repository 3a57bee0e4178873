import { z } from "zod";
import { tokenResponse } from "../account.ts";
import { idParam, type RouteTable } from "../route.ts";
import { pullResponse, pushBody, pushResponse, stateResponse } from "../sync.ts";

export const healthResponse = z.object({
  ok: z.literal(true),
  status: z.enum(["healthy", "degraded"]).describe("Whether everything is up that Studio depends on."),
  version: z.string(),
  workspace_root: z
    .string()
    .describe(
      "Where a session's project lies in its sandbox, as the API names it: skill roots are below it.",
    ),
  env_file: z
    .string()
    .nullable()
    .describe("The file that the server's settings were read from; null for none."),
});

export const statusResponse = z.object({
  status: z.enum(["healthy", "degraded"]),
  version: z.string(),
  services: z.array(
    z.object({
      name: z.string().describe("Such as `database`, `sandboxes`, `disk`, `worker`."),
      state: z.enum(["up", "down"]),
      latency_ms: z.number().int().optional().describe("How long it took to respond."),
    }),
  ),
  sandboxes: z
    .object({
      max: z
        .number()
        .int()
        .nullable()
        .describe("How many there may be at once, live and warm; null where nothing bounds them."),
      warm: z
        .number()
        .int()
        .describe("How many of them are kept warm, with an agent started for nobody yet."),
    })
    .nullable()
    .describe("Null where the sandbox service doesn't respond."),
});

export const SYSTEM_ROUTES = {
  "GET /api/v1/health": {
    id: "getHealth",
    tag: "System",
    summary: "Check that the server responds",
    access: "public",
    response: { status: 200, json: healthResponse },
  },
  "GET /api/v1/status": {
    id: "getStatus",
    tag: "System",
    summary: "Check what Studio depends on",
    description: "Responds within two seconds, whatever is down; at most a second old.",
    access: "public",
    response: { status: 200, json: statusResponse },
  },
  "GET /api/openapi.json": {
    id: "getOpenApiDocument",
    tag: "System",
    summary: "Get this document",
    access: "public",
    response: { status: 200, json: z.record(z.string(), z.unknown()) },
  },
  "GET /api/auth/token": {
    id: "getToken",
    tag: "System",
    summary: "Get a token for live data",
    description: "For Convex, in the caller's name. It lasts five minutes.",
    access: "member",
    response: { status: 200, json: tokenResponse },
  },
  "POST /api/gateway/{provider}/{path}": {
    id: "callModel",
    tag: "System",
    summary: "Call a model from a sandbox",
    description:
      "For the agent alone. `path` may have slashes; the request and the response are in the provider's own format, and so are refusals.",
    access: "sandbox",
    params: z.object({ provider: idParam, path: z.string() }),
    response: {
      status: 200,
      media: "application/json",
      text: "What the provider sends, whole or as a stream.",
    },
  },
  "GET /api/git/{connection}/{path}": {
    id: "startGitRequest",
    tag: "System",
    summary: "Begin a fetch or a push from a sandbox",
    description:
      "For git alone: `info/refs` of its HTTP protocol. `path` may have slashes. Refusals are plain text, which git shows.",
    access: "sandbox",
    params: z.object({ connection: idParam, path: z.string() }),
    response: {
      status: 200,
      media: "application/x-git-upload-pack-advertisement",
      text: "As git defines it.",
    },
  },
  "POST /api/git/{connection}/{path}": {
    id: "finishGitRequest",
    tag: "System",
    summary: "Fetch or push from a sandbox",
    description:
      "For git alone: `git-upload-pack` and `git-receive-pack`. A push can change the session's own branches.",
    access: "sandbox",
    params: z.object({ connection: idParam, path: z.string() }),
    response: { status: 200, media: "application/x-git-upload-pack-result", text: "As git defines it." },
  },
  "POST /v1/sync/pull": {
    id: "pullProject",
    tag: "System",
    summary: "Pull the project's definitions",
    description:
      "Served by Convex, for `struere pull`. The key alone says which organization and environment.",
    at: "site",
    access: { scope: "project:read" },
    response: { status: 200, json: pullResponse },
    errors: ["too_large"],
  },
  "POST /v1/sync/state": {
    id: "getProjectState",
    tag: "System",
    summary: "See what the project has",
    description:
      "Served by Convex, for `struere status`. Names and hashes alone; the key says which organization and environment.",
    at: "site",
    access: { scope: "project:read" },
    response: { status: 200, json: stateResponse },
  },
  "POST /v1/sync": {
    id: "pushProject",
    tag: "System",
    summary: "Change the project",
    description:
      "Served by Convex, for `struere push` and `deploy`. All or nothing, against the revision that was pulled: where the environment has changed since, it's refused with `changes`, each definition as it was (`base`) and as it is now (`current`). Nothing is deleted unless `delete` names it and `allow_deletions` is true.",
    at: "site",
    access: { scope: "project:write" },
    body: pushBody,
    response: { status: 200, json: pushResponse },
    errors: ["project_moved"],
  },
  "POST /api/webhooks/git/{connection}": {
    id: "receiveGitWebhook",
    tag: "System",
    summary: "Receive a git host's webhooks",
    description:
      "Signed with the connection's webhook secret, as GitHub, GitLab, Gitea, Forgejo and Bitbucket do. What a delivery says is asked of the host again.",
    access: "signature",
    params: z.object({ connection: idParam }),
    response: { status: 204 },
  },
  "POST /api/webhooks/stripe": {
    id: "receiveStripeWebhook",
    tag: "System",
    summary: "Receive Stripe's webhooks",
    description:
      "Signed by Stripe, and no older than five minutes. What a message says is asked of Stripe again, so that messages may come doubled, late and in any order.",
    access: "signature",
    response: { status: 204 },
  },
  "POST /api/webhooks/clerk": {
    id: "receiveClerkWebhook",
    tag: "System",
    summary: "Receive Clerk's webhooks",
    description: "Signed by Clerk. Without its secret there is no such route.",
    access: "signature",
    response: { status: 204 },
  },
} as const satisfies RouteTable;
