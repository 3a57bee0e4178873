import { expect, test } from "vitest";
import { openApiDocument } from "#contracts/openapi/document.ts";
import { VERSION } from "#domain/version.ts";
import nextConfig from "../../../next.config.ts";

/**
 * The routes that clients were promised, each under the name that its guide has. A session's or run's id has two names in
 * the guides, of which a document can hold one.
 */
const PROMISED = `
GET /api/studio/models
GET /api/studio/sessions
POST /api/studio/sessions
GET /api/studio/sessions/{id}
DELETE /api/studio/sessions/{id}
POST /api/studio/sessions/{id}/message
POST /api/studio/sessions/{id}/keepalive
POST /api/studio/sessions/{id}/resume
POST /api/studio/sessions/{id}/cancel
GET /api/studio/sessions/{id}/events
GET /api/studio/sessions/{id}/checkpoints
POST /api/studio/sessions/{id}/rewind
POST /api/studio/sessions/{id}/branch
GET /api/studio/sessions/{id}/archive
GET /api/studio/sessions/{id}/git
POST /v1/sync/pull
POST /v1/sync/state
POST /v1/sync
GET /api/v1/provider-keys
PUT /api/v1/provider-keys/{provider}
DELETE /api/v1/provider-keys/{provider}
POST /api/v1/provider-keys/{provider}/test
GET /api/v1/credits
GET /api/v1/credits/ledger
POST /api/v1/credits/checkout
POST /api/webhooks/stripe
GET /api/v1/usage
GET /api/v1/audit
GET /api/v1/health
GET /api/v1/status
GET /api/openapi.json
GET /api/v1/sessions
POST /api/v1/sessions
GET /api/v1/sessions/{id}
DELETE /api/v1/sessions/{id}
PUT /api/v1/sessions/{id}/skills/roots
PUT /api/v1/sessions/{id}/skills/sources
GET /api/v1/sessions/{id}/skills
POST /api/v1/sessions/{id}/skills
POST /api/v1/sessions/{id}/runs
POST /api/v1/sessions/{id}/messages
POST /api/v1/sessions/{id}/branch
GET /api/v1/sessions/{id}/events
GET /api/v1/sessions/{id}/stats
GET /api/v1/sessions/{id}/export
GET /api/v1/sessions/{id}/sandbox
POST /api/v1/sessions/{id}/sandbox/start
POST /api/v1/sessions/{id}/sandbox/stop
POST /api/v1/sessions/{id}/tools/shell
POST /api/v1/sessions/{id}/tools/filesystem
POST /api/v1/sessions/{id}/tools/browser
GET /api/v1/runs
POST /api/v1/runs
GET /api/v1/runs/{run_id}
POST /api/v1/runs/{run_id}/cancel
GET /api/v1/runs/{run_id}/events/stream
GET /api/v1/runs/{run_id}/approvals/pending
POST /api/v1/runs/{run_id}/approvals/{approval_key}
GET /api/v1/approvals
POST /api/v1/approvals/{id}
GET /api/v1/approval-rules
POST /api/v1/approval-rules
PATCH /api/v1/approval-rules/{id}
DELETE /api/v1/approval-rules/{id}
POST /api/v1/approval-rules/simulate
GET /api/v1/mcp/servers
POST /api/v1/mcp/servers
PATCH /api/v1/mcp/servers/{id}
DELETE /api/v1/mcp/servers/{id}
POST /api/v1/mcp/servers/{id}/test
POST /api/v1/mcp/connect
POST /api/v1/mcp/disconnect
GET /api/v1/mcp/tools
GET /api/v1/agents
POST /api/v1/agents
GET /api/v1/agents/{id}
PATCH /api/v1/agents/{id}
DELETE /api/v1/agents/{id}
GET /api/v1/settings
GET /api/v1/settings/{key}
PUT /api/v1/settings/{key}
GET /api/v1/events/stream
POST /api/v1/chat
POST /api/v1/chat/direct
GET /api/v1/providers
`
  .trim()
  .split("\n");

/** Promised as well, and not there yet: remove a route from here when you add it. */
const NOT_YET = `
GET /api/v1/workflows
POST /api/v1/workflows
GET /api/v1/workflows/{id}
PATCH /api/v1/workflows/{id}
DELETE /api/v1/workflows/{id}
POST /api/v1/workflows/{id}/duplicate
POST /api/v1/workflows/{id}/validate
POST /api/v1/workflows/{id}/runs
`
  .trim()
  .split("\n");

const { paths } = openApiDocument({ studioUrl: "https://studio.example", version: VERSION });
const there = new Set(
  Object.entries(paths).flatMap(([address, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${address}`),
  ),
);

test("the document has every route that clients were promised, by its name", () => {
  expect(new Set(PROMISED).size).toBe(PROMISED.length);
  expect(PROMISED.filter((name) => !there.has(name))).toEqual([]);
});

test("what is said not to be there yet is not", () => {
  expect(NOT_YET.filter((name) => there.has(name))).toEqual([]);
});

test("the guide's own address of the runs' API leads to the same routes", async () => {
  const rewrites = await nextConfig.rewrites?.();
  expect(rewrites).toContainEqual({
    source: "/studio/api/v1/:path*",
    destination: "/api/v1/:path*",
  });
});
