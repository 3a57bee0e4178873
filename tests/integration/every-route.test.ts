import { BILLING_PROBES } from "#tests/billing-routes.ts";
import { NOTIFICATION_PROBES } from "#tests/notification-routes.ts";
import { ORGANIZATION_PROBES } from "#tests/organization-routes.ts";
import { PROJECT_CHANGE_PROBES } from "#tests/project-change-routes.ts";
import { describe, expect, test } from "vitest";
import { type RouteName, ROUTES, type Routes } from "#contracts/routes.ts";
import { SCOPES } from "#domain/roles.ts";
import { type Answer, Api } from "#tests/api.ts";
import { EXPORTED_SESSION } from "#tests/exported-session.ts";
import { type Probe, REFUSED } from "#tests/probe.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { Visitor } from "#tests/visitor.ts";

const demo = { environment: "development", provider: "demo", model: "demo" };
const role = { kind: "role", slug: "agent", base_revision: 0, names: [{ kind: "role", slug: "agent" }] };
const own = (body?: unknown): Probe => ({ body, foreign: "own" });
const row = (body?: unknown): Probe => ({ body, foreign: "not_found" });

/** Who asks is found out by the route itself: everything but what is open to all, or has credentials of another kind. */
type Guarded = {
  [N in RouteName]: Routes[N] extends { at: "site" }
    ? never
    : Routes[N]["access"] extends "member" | { scope: string }
      ? N
      : never;
}[RouteName];

/** Every guarded route of the table. The others: the gateway and webhooks have tests of their own. */
const PROBES: Record<Guarded, Probe> = {
  "GET /api/studio/models": own(),
  "GET /api/auth/token": own(),
  "GET /api/studio/sessions": own(),
  "POST /api/studio/sessions": own(demo),
  "GET /api/studio/sessions/{id}": row(),
  "PATCH /api/studio/sessions/{id}": row({ title: "mine" }),
  "DELETE /api/studio/sessions/{id}": row(),
  "POST /api/studio/sessions/{id}/message": row({ message: "hi" }),
  "POST /api/studio/sessions/{id}/keepalive": row(),
  "POST /api/studio/sessions/{id}/resume": row(),
  "GET /api/studio/sessions/{id}/checkpoints": row(),
  "POST /api/studio/sessions/{id}/checkpoints": row(),
  "POST /api/studio/sessions/{id}/branch": row({ fromSeq: 1 }),
  "POST /api/v1/sessions/{id}/branch": row({ from_seq: 1 }),
  "POST /api/studio/sessions/{id}/checkpoints/{checkpoint_id}/restore": row({ path: "a.txt" }),
  "POST /api/studio/sessions/{id}/rewind": row({ undo: true }),
  "POST /api/studio/sessions/{id}/cancel": row(),
  "GET /api/studio/sessions/{id}/payer": row(),
  "POST /api/studio/sessions/{id}/payer": row({ keySource: "platform" }),
  "GET /api/studio/sessions/{id}/events": row(),
  "GET /api/studio/sessions/{id}/files": row(),
  "GET /api/studio/sessions/{id}/files/content": row(),
  "GET /api/v1/saved-work": own(),
  "GET /api/studio/sessions/{id}/files/search": row(),
  "GET /api/studio/sessions/{id}/checkpoints/compare": row(),
  "PUT /api/studio/sessions/{id}/files": row({ path: "mine.txt", content: "mine", expectedHash: null }),
  ...PROJECT_CHANGE_PROBES,
  ...BILLING_PROBES,
  ...NOTIFICATION_PROBES,
  ...ORGANIZATION_PROBES,
  "POST /api/studio/sessions/{id}/preview": row({ port: 3000 }),
  // What is typed there may be a secret: terminals are for those who drive.
  "GET /api/studio/sessions/{id}/terminals": row(),
  "POST /api/studio/sessions/{id}/terminals": row({ cols: 80, rows: 24 }),
  "DELETE /api/studio/sessions/{id}/terminals/{terminal}": row(),
  "GET /api/studio/sessions/{id}/terminals/{terminal}/output": row(),
  "POST /api/studio/sessions/{id}/terminals/{terminal}/input": row({ data: "ls" }),
  "POST /api/studio/sessions/{id}/terminals/{terminal}/resize": row({ cols: 80, rows: 24 }),
  // So may a command's line.
  "GET /api/studio/sessions/{id}/processes": row(),
  "DELETE /api/studio/sessions/{id}/processes/{pid}": row(),
  "GET /api/studio/sessions/{id}/sandbox": row(),
  "POST /api/studio/sessions/{id}/sandbox/check": row(),
  "GET /api/studio/sessions/{id}/git": row(),
  "GET /api/studio/sessions/{id}/git/diff": row(),
  "GET /api/studio/sessions/{id}/git/patch": row(),
  "POST /api/studio/sessions/{id}/git/commit": row({ folder: "shop", message: "mine" }),
  "POST /api/studio/sessions/{id}/git/push": row({ folder: "shop" }),
  "POST /api/studio/sessions/{id}/git/discard": row({ folder: "shop", paths: ["a.txt"] }),
  "POST /api/studio/sessions/{id}/git/update": row({ folder: "shop" }),
  "DELETE /api/studio/sessions/{id}/git/update": row(),
  "GET /api/studio/sessions/{id}/git/findings": row(),
  "POST /api/studio/sessions/{id}/git/findings": row({ folder: "shop", findings: ["check:build"] }),
  "POST /api/studio/sessions/{id}/git/green": row({ folder: "shop" }),
  "DELETE /api/studio/sessions/{id}/git/green": row(),
  "POST /api/studio/sessions/{id}/git/pull-request": row({ folder: "shop", title: "mine" }),
  "GET /api/studio/sessions/{id}/archive": row(),
  "GET /api/studio/sessions/{id}/archive/zip": row(),
  "GET /api/v1/sessions/{id}/events": row(),
  "GET /api/v1/sessions/{id}/artifacts/{artifact_id}": row(),
  "GET /api/v1/runs/{run_id}/events/stream": row(),
  "GET /api/v1/events/stream": own(),
  "POST /api/v1/sessions": own({ title: "mine" }),
  "POST /api/v1/sessions/import": own(EXPORTED_SESSION),
  "GET /api/v1/sessions": own(),
  "GET /api/v1/sessions/{id}": row(),
  "GET /api/v1/sessions/{id}/stats": row(),
  "GET /api/v1/sessions/{id}/config": row(),
  "GET /api/v1/sessions/{id}/provenance": row(),
  "GET /api/v1/agents/{id}/usage": row(),
  "GET /api/v1/sessions/{id}/repeat": row(),
  "POST /api/v1/sessions/{id}/repeat": row(),
  "GET /api/v1/sessions/{id}/export": row(),
  "POST /api/v1/sessions/{id}/export": row({ mask: ["mine"] }),
  "POST /api/v1/sessions/{id}/export/review": row({ mask: ["mine"] }),
  "GET /api/v1/sessions/{id}/sandbox": row(),
  "POST /api/v1/sessions/{id}/sandbox/start": row(),
  "POST /api/v1/sessions/{id}/sandbox/stop": row(),
  "DELETE /api/v1/sessions/{id}": row(),
  "POST /api/v1/sessions/{id}/runs": row({ message: "hi" }),
  "POST /api/v1/sessions/{id}/messages": row({ content: "hi" }),
  "GET /api/v1/providers": own(),
  "GET /api/v1/command-logins/{code}": row(),
  "POST /api/v1/command-logins/{code}/decision": row({ approve: true }),
  "GET /api/v1/runs": own(),
  "POST /api/v1/runs": own({ input: "hi", provider: "demo", model: "demo" }),
  "POST /api/studio/sessions/{id}/git/message": row({ folder: "shop" }),
  "POST /api/v1/sessions/{id}/tools/shell": row({ command: "true" }),
  "POST /api/v1/sessions/{id}/tools/filesystem": row({ action: "list" }),
  "POST /api/v1/sessions/{id}/tools/browser": row(),
  "POST /api/v1/chat": row({ session_id: "nothing", message: "hi" }),
  "POST /api/v1/chat/direct": own({ message: "hi", agent_config: { provider: "demo", model: "demo" } }),
  "POST /api/v1/runs/{run_id}/rerun": row(),
  "GET /api/v1/approvals": own(),
  "POST /api/v1/approvals/{id}": row({ approve: true }),
  "POST /api/v1/runs/{run_id}/cancel": row(),
  "GET /api/v1/runs/{run_id}": row(),
  "GET /api/v1/runs/{run_id}/approvals/pending": row(),
  "POST /api/v1/runs/{run_id}/approvals/{approval_key}": row({ decision: "approved" }),
  "GET /api/v1/runs/{run_id}/questions/pending": row(),
  "POST /api/v1/runs/{run_id}/questions/{question_key}": row({ dismiss: true }),
  "POST /api/studio/sessions/{id}/question": row({ questionId: "que_x", reject: true }),
  "GET /api/v1/audit": own(),
  "GET /api/v1/api-keys": own(),
  "POST /api/v1/api-keys": own({ name: "k", scopes: ["sessions:read"] }),
  "DELETE /api/v1/api-keys/{id}": row(),
  "GET /api/v1/provider-keys": own(),
  "PUT /api/v1/provider-keys/{provider}": own({
    api_key: "a-key-for-nothing",
    base_url: "http://127.0.0.1:1",
    models: [{ id: "m" }],
  }),
  "GET /api/v1/variables": own(),
  "PUT /api/v1/variables/{name}": own({ value: "mine" }),
  "DELETE /api/v1/variables/{name}": row(),
  "GET /api/v1/setup": own(),
  "PUT /api/v1/setup/{environment}": own({ script: "true" }),
  "POST /api/v1/setup/{environment}/rebuild": own(),
  "GET /api/v1/setup/{environment}/output": own(),
  "DELETE /api/v1/setup/{environment}": own(),
  "GET /api/v1/git/connections": own(),
  // Before they have one of that name: the plain git server that they save next has no webhooks.
  "POST /api/v1/git/connections/{connection}/webhook": row(),
  "PUT /api/v1/git/connections/{connection}": own({
    base_url: "http://127.0.0.1:1",
    token: "t",
    repositories: ["acme/*"],
  }),
  "POST /api/v1/git/connections/{connection}/test": own(),
  "DELETE /api/v1/git/connections/{connection}/webhook": own(),
  "DELETE /api/v1/git/connections/{connection}": own(),
  "GET /api/v1/approval-rules": own(),
  "POST /api/v1/approval-rules": own({ name: "a", tool_pattern: "builtin:shell:ls *", action: "ask" }),
  "PATCH /api/v1/approval-rules/{id}": row({ name: "mine" }),
  "DELETE /api/v1/approval-rules/{id}": row(),
  "POST /api/v1/approval-rules/{id}/move": row({ before: null }),
  "POST /api/v1/approval-rules/test": own({ request: { command: "ls" } }),
  "POST /api/v1/approval-rules/simulate": own({
    rules: [{ tool_pattern: "builtin:shell:ls *", action: "ask" }],
  }),
  "GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals": row(),
  "GET /api/v1/agents": own(),
  "POST /api/v1/agents": own({ name: "a", provider: "demo", model: "demo" }),
  "GET /api/v1/agents/{id}": row(),
  "PATCH /api/v1/agents/{id}": row({ name: "mine" }),
  "DELETE /api/v1/agents/{id}": row(),
  "POST /api/v1/agents/{id}/duplicate": row(),
  "GET /api/v1/agents/{id}/export": row(),
  "POST /api/v1/agents/import": own({
    export_version: 1,
    agent: { name: "b", provider: "demo", model: "demo" },
  }),
  "GET /api/v1/agents/{id}/versions": row(),
  "GET /api/v1/agents/{id}/versions/{version}": row(),
  "POST /api/v1/agents/{id}/versions/{version}/restore": row(),
  "GET /api/v1/project/{environment}": own(),
  "GET /api/v1/project/{environment}/definition": own(),
  "GET /api/v1/project/{environment}/changes": own(),
  "POST /api/v1/project/{environment}/promote": own({ from: "production", from_revision: 0, ...role }),
  "POST /api/v1/project/{environment}/restore": own({ ...role, version: 1 }),
  // Nothing of theirs was changed yet.
  "POST /api/v1/project/{environment}/changes/{revision}/undo": row(),
  "PUT /api/v1/project/{environment}/definition": own({ ...role, definition: null }),
  "GET /api/v1/skills": own(),
  "POST /api/v1/skills": own({ name: "mine", description: "d", body_markdown: "b" }),
  "POST /api/v1/skills/import": own({
    files: [{ path: "SKILL.md", content: "---\nname: imported\ndescription: d\n---\nText.\n" }],
  }),
  "GET /api/v1/skills/{id}": row(),
  "PATCH /api/v1/skills/{id}": row({ enabled: false }),
  "DELETE /api/v1/skills/{id}": row(),
  "GET /api/v1/skills/{id}/revisions": row(),
  "GET /api/v1/skill-offers": own(),
  "POST /api/v1/skill-offers/{id}/take": row(),
  "POST /api/v1/skill-offers/{id}/dismiss": row(),
  "GET /api/v1/sessions/{id}/skills": row(),
  "POST /api/v1/sessions/{id}/skills": row({ name: "theirs", description: "d", body_markdown: "b" }),
  "PUT /api/v1/sessions/{id}/skills/roots": row({ roots: [] }),
  "PUT /api/v1/sessions/{id}/skills/sources": row({ filesystem_sources: [] }),
  "GET /api/v1/mcp/servers": own(),
  "POST /api/v1/mcp/servers": own({
    name: "mine",
    transport: "streamable-http",
    url: "http://127.0.0.1:1/mcp",
  }),
  "GET /api/v1/mcp/servers/{id}/tools": row(),
  "GET /api/v1/mcp/servers/{id}/calls": row(),
  "POST /api/v1/mcp/servers/{id}/test": row(),
  "PATCH /api/v1/mcp/servers/{id}": row({ enabled: false }),
  "DELETE /api/v1/mcp/servers/{id}": row(),
  "POST /api/v1/mcp/servers/{id}/sign-in": row(),
  "DELETE /api/v1/mcp/servers/{id}/sign-in": row(),
  "POST /api/v1/mcp/sign-ins": row({ state: "s".repeat(43), code: "c" }),
  "POST /api/v1/mcp/connect": own({
    name: "mine",
    transport: "streamable-http",
    url: "http://127.0.0.1:1/mcp",
  }),
  "POST /api/v1/mcp/disconnect": own({ name: "mine" }),
  "GET /api/v1/mcp/tools": own(),
  "GET /api/v1/registries": own(),
  "PUT /api/v1/registries/{registry}": own({ url: "http://127.0.0.1:1", token: "t", scopes: ["@acme"] }),
  "POST /api/v1/registries/{registry}/test": own(),
  "DELETE /api/v1/registries/{registry}": own(),
  "GET /api/v1/network": own(),
  "PUT /api/v1/network/{environment}": own({ mode: "listed", presets: ["npm"], hosts: ["a.example.com"] }),
  "POST /api/v1/network/{environment}/hosts": own({ host: "b.example.com" }),
  "DELETE /api/v1/provider-keys/{provider}": row(),
  "POST /api/v1/provider-keys/{provider}/test": row(),
  "GET /api/v1/account/export": own(),
  "GET /api/v1/organization/export": own(),
};
const GUARDED = (Object.entries(PROBES) as [Guarded, Probe][]).map(
  ([name, probe]) => [name, { ...probe, access: ROUTES[name].access }] as const,
);

const { stack, api } = await sharedStudio();
const stranger = (await Visitor.withOrganization(stack.url, "Strangers")).api;
const owner = await Visitor.signIn(stack.url, stack.credentials);
const session = await api.createSession();
const runId = await api.send(session.id, "create a file a.txt containing a");
await api.question(runId);
const key = await api.call<{ id: string }>("POST", "/api/v1/api-keys", { name: "theirs" });
const ids = {
  id: session.id,
  run_id: runId,
  approval_key: "apr_x",
  question_key: "que_x",
  artifact_id: "art_x",
  terminal: "t_x",
  pid: "999999999",
  version: "1",
  revision: "1",
  provider: "compatible:none",
  connection: "house",
  keyId: key.body.id,
};

function split(name: string): { method: string; url: string } {
  const [method = "", pattern = ""] = name.split(" ");
  const keys: Record<string, string> = {
    ...ids,
    ...(pattern.startsWith("/api/v1/api-keys/") && { id: ids.keyId ?? "" }),
    key: "idle_timeout_minutes",
    environment: "development",
    code: "BCDF-GHJK",
    // A call that puts a key makes its own; the others name one that isn't there.
    name: "NONE",
    ...(method === "PUT" && { provider: "compatible:mine", name: "MINE" }),
  };
  const url = pattern.replaceAll(/\{(\w+)\}/g, (_, part: string) => keys[part] ?? part);
  const namesFolder =
    (method === "GET" && /\/git\/(?:diff|patch|findings)$/.test(url)) ||
    (method === "DELETE" && /\/git\/(?:update|green)$/.test(url));
  const query = namesFolder
    ? "?folder=shop"
    : url.endsWith("/retention-preview")
      ? "?days=30"
      : url.endsWith("/files/search")
        ? "?text=x"
        : url.endsWith("/checkpoints/compare")
          ? "?to=x"
          : method === "GET" && url.endsWith("/definition")
            ? "?kind=role&slug=agent"
            : method === "DELETE" && url.endsWith("/limits")
              ? "?subject=organization"
              : "";
  return { method, url: `${url}${query}` };
}

/** A stream is looked at no further than its beginning. */
async function call(as: Api, name: string, route: Pick<Probe, "body">): Promise<Answer> {
  const { method, url } = split(name);
  const lines = name.endsWith("/organization/export");
  const streams = name.endsWith("/events/stream") || (name.endsWith("/events") && !name.includes("/v1/"));
  if (!lines && !streams) return await as.call(method, url, route.body);
  const response = await as.open(url);
  const problem = response.headers.get("content-type") === "application/problem+json";
  if (lines && !problem)
    return { status: response.status, headers: response.headers, body: { text: await response.text() } };
  const body = (problem ? await response.json() : ((await response.body?.cancel()) ?? {})) as Record<
    string,
    unknown
  >;
  return { status: response.status, headers: response.headers, body };
}

test.each(["GET", "POST", "PUT", "PATCH", "DELETE"])(
  "%s of an address that is none says so",
  async (method) => {
    const answer = await new Api(stack.url, {}).call(method, "/api/v1/nothing/here");
    expect(answer).toMatchObject({
      status: 404,
      body: { code: "not_found", instance: "/api/v1/nothing/here" },
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  },
);

describe.each(GUARDED)("%s", (name, route) => {
  test("asks who is there", async () => {
    const nobody = [{}, { authorization: "Bearer sk_studio_wrong" }, { authorization: "Basic eDp5" }];
    for (const headers of nobody as Record<string, string>[]) {
      const answer = await call(new Api(stack.url, headers), name, route);
      expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
    }
  });

  test("keeps another organization out", async () => {
    const answer = await call(stranger, name, route);
    const refused = REFUSED[route.foreign];
    if (refused) expect(answer).toMatchObject(refused);
    else {
      expect(answer.status).toBeLessThan(300);
      for (const id of [ids.id, ids.run_id, ids.keyId]) expect(JSON.stringify(answer.body)).not.toContain(id);
    }
  });

  const writes = !name.startsWith("GET");
  if (writes)
    test("takes no write from another site's page", async () => {
      const { method, url } = split(name);
      for (const origin of ["https://evil.example", "null", `${stack.url}.evil.example`]) {
        const answer = await owner.call(method, url, route.body, { headers: { origin } });
        expect(answer, origin).toMatchObject({ status: 403, body: { code: "forbidden" } });
      }
    });

  const scope = typeof route.access === "object" ? route.access.scope : undefined;
  if (scope)
    test("asks a key for its scope", async () => {
      const others = SCOPES.filter((other) => other !== scope);
      const made = await api.call<{ key: string }>("POST", "/api/v1/api-keys", {
        name: "scoped",
        scopes: others,
      });
      const answer = await call(Api.withKey(stack.url, made.body.key), name, route);
      expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
      expect(answer.body.detail).toContain(scope);
    });
});

test("no route has refused with a code that it does not declare", () => {
  const undeclared = stack
    .log("web")
    .split("\n")
    .filter((line) => line.includes("undeclared refusal"));
  expect(undeclared).toEqual([]);
});

test("a key that was revoked, or has expired, opens nothing", async () => {
  const key = await api.call<{ id: string; key: string }>("POST", "/api/v1/api-keys", {
    name: "short",
    expires_at: new Date(Date.now() + 1_500).toISOString(),
  });
  const short = Api.withKey(stack.url, key.body.key);
  expect((await short.call("GET", "/api/studio/sessions")).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1_600));
  expect((await short.call("GET", "/api/studio/sessions")).status).toBe(401);
  const other = await api.call<{ id: string; key: string }>("POST", "/api/v1/api-keys", { name: "gone" });
  expect((await api.call("DELETE", `/api/v1/api-keys/${other.body.id}`)).status).toBe(204);
  expect((await Api.withKey(stack.url, other.body.key).call("GET", "/api/studio/sessions")).status).toBe(401);
  const expired = { name: "late", expires_at: new Date(Date.now() - 1000).toISOString() };
  expect((await api.call("POST", "/api/v1/api-keys", expired)).status).toBe(400);
});
