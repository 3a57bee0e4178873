import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Scope, SCOPES } from "../../lib/domain/roles.ts";
import { type Answer, Api } from "../support/api.ts";
import { Stack } from "../support/stack.ts";
import { Visitor } from "../support/visitor.ts";

interface Route {
  /** Open to all: then nothing else is said. */
  open?: true;
  scope?: Scope;
  body?: unknown;
  /** What another organization gets: its own (empty) things, or nothing. */
  foreign?: "own" | "not_found";
}

const demo = { environment: "development", provider: "demo", model: "demo" };
const own = (scope: Scope, body?: unknown): Route => ({ scope, body, foreign: "own" });
const row = (scope: Scope, body?: unknown): Route => ({ scope, body, foreign: "not_found" });

/** Every route with its method, who may call it, and what it needs. */
const ROUTES: Record<string, Route> = {
  "GET /api/auth/[...all]": { open: true },
  "POST /api/auth/[...all]": { open: true },
  "GET /api/v1/health": { open: true },
  // Signed by Clerk; without its secret it is not there.
  "POST /api/webhooks/clerk": { open: true },
  // It has a token of its own, which the gateway's tests are about.
  "POST /api/gateway/[provider]/[...path]": { open: true },
  // What has no route, told as a problem.
  ...Object.fromEntries(
    ["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => [`${method} /api/[...path]`, { open: true }]),
  ),
  // Anybody who is anybody: it shows nothing of an organization's.
  "GET /api/studio/models": { foreign: "own" },
  "GET /api/auth/token": { foreign: "own" },
  "GET /api/studio/sessions": own("sessions:read"),
  "POST /api/studio/sessions": own("sessions:write", demo),
  "GET /api/studio/sessions/[id]": row("sessions:read"),
  "PATCH /api/studio/sessions/[id]": row("sessions:write", { title: "mine" }),
  "DELETE /api/studio/sessions/[id]": row("sessions:write"),
  "POST /api/studio/sessions/[id]/message": row("sessions:write", { message: "hi" }),
  "POST /api/studio/sessions/[id]/keepalive": row("sessions:write"),
  "POST /api/studio/sessions/[id]/cancel": row("sessions:write"),
  "GET /api/studio/sessions/[id]/payer": row("sessions:read"),
  "POST /api/studio/sessions/[id]/payer": row("sessions:write", { keySource: "platform" }),
  "GET /api/studio/sessions/[id]/events": row("sessions:read"),
  "GET /api/studio/sessions/[id]/files": row("sessions:read"),
  "PUT /api/studio/sessions/[id]/files": row("sessions:write", {
    path: "mine.txt",
    content: "mine",
    expectedHash: null,
  }),
  "POST /api/studio/sessions/[id]/preview": row("sessions:write", { port: 3000 }),
  // What is typed there may be a secret: terminals are for those who drive.
  "GET /api/studio/sessions/[id]/terminals": row("sessions:write"),
  "POST /api/studio/sessions/[id]/terminals": row("sessions:write", { cols: 80, rows: 24 }),
  "DELETE /api/studio/sessions/[id]/terminals/[terminal]": row("sessions:write"),
  "GET /api/studio/sessions/[id]/terminals/[terminal]/output": row("sessions:write"),
  "POST /api/studio/sessions/[id]/terminals/[terminal]/input": row("sessions:write", { data: "ls" }),
  "POST /api/studio/sessions/[id]/terminals/[terminal]/resize": row("sessions:write", { cols: 80, rows: 24 }),
  "GET /api/studio/sessions/[id]/sandbox": row("sessions:read"),
  "GET /api/v1/sessions/[id]/events": row("sessions:read"),
  "GET /api/v1/sessions/[id]/artifacts/[artifactId]": row("sessions:read"),
  "GET /api/v1/runs/[runId]/events/stream": row("sessions:read"),
  "GET /api/v1/events/stream": own("sessions:read"),
  "GET /api/v1/runs/[runId]": row("sessions:read"),
  "GET /api/v1/runs/[runId]/approvals/pending": row("sessions:read"),
  "POST /api/v1/runs/[runId]/approvals/[approvalKey]": row("approvals:write", { decision: "approved" }),
  "GET /api/v1/runs/[runId]/questions/pending": row("sessions:read"),
  "POST /api/v1/runs/[runId]/questions/[questionKey]": row("approvals:write", { dismiss: true }),
  "POST /api/studio/sessions/[id]/question": row("approvals:write", { questionId: "que_x", reject: true }),
  "GET /api/v1/audit": own("audit:read"),
  "GET /api/v1/api-keys": own("keys:read"),
  "POST /api/v1/api-keys": own("keys:write", { name: "k", scopes: ["sessions:read"] }),
  "DELETE /api/v1/api-keys/[id]": row("keys:write"),
  "GET /api/v1/provider-keys": own("providers:read"),
  "PUT /api/v1/provider-keys/[provider]": own("providers:write", {
    api_key: "a-key-for-nothing",
    base_url: "http://127.0.0.1:1",
    models: [{ id: "m" }],
  }),
  "GET /api/v1/settings": own("settings:read"),
  "GET /api/v1/settings/[key]": own("settings:read"),
  "PUT /api/v1/settings/[key]": own("settings:write", { value: 15 }),
  "DELETE /api/v1/provider-keys/[provider]": row("providers:write"),
  "POST /api/v1/provider-keys/[provider]/test": row("providers:write"),
  "GET /api/v1/credits": own("billing:read"),
  "GET /api/v1/credits/ledger": own("billing:read"),
  "GET /api/v1/usage": own("billing:read"),
  "GET /api/v1/account/export": own("sessions:read"),
  "GET /api/v1/organization/export": own("organization:export"),
};
const GUARDED = Object.entries(ROUTES).filter(([, route]) => !route.open);

let stack: Stack;
let api: Api;
let stranger: Api;
let owner: Visitor;
let ids: Record<string, string>;

beforeAll(async () => {
  stack = await Stack.start();
  api = Api.withKey(stack.url, stack.credentials.apiKey);
  stranger = (await Visitor.withOrganization(stack.url, "Strangers")).api;
  owner = await Visitor.signIn(stack.url, stack.credentials);
  const session = await api.createSession();
  const runId = await api.send(session.id, "create a file a.txt containing a");
  await api.question(runId);
  const key = await api.call<{ id: string }>("POST", "/api/v1/api-keys", { name: "theirs" });
  ids = { id: session.id, runId, approvalKey: "apr_x", provider: "compatible:none", keyId: key.body.id };
});
afterAll(async () => await stack?.stop());

function split(name: string): { method: string; url: string } {
  const [method = "", pattern = ""] = name.split(" ");
  const keys: Record<string, string> = {
    ...ids,
    ...(pattern.startsWith("/api/v1/api-keys/") && { id: ids.keyId ?? "" }),
    key: "idle_timeout_minutes",
    // Whoever puts a key makes their own; the other calls name one that they have not.
    ...(method === "PUT" && { provider: "compatible:mine" }),
  };
  return { method, url: pattern.replaceAll(/\[(\w+)\]/g, (_, part: string) => keys[part] ?? part) };
}

/** A stream is looked at no further than its beginning. */
async function call(as: Api, name: string, route: Route): Promise<Answer> {
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

function routeFiles(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? routeFiles(file) : entry.name === "route.ts" ? [file] : [];
  });
}

test("every route is on the list, and the list has no others", () => {
  const root = path.resolve(import.meta.dirname, "../..");
  const found = routeFiles(path.join(root, "app/api")).flatMap((file) => {
    const source = fs.readFileSync(file, "utf8");
    const url = `/${path.relative(path.join(root, "app"), path.dirname(file))}`;
    return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
      .filter((method) =>
        new RegExp(`export (const|async function|function) ${method}\\b|as ${method}\\b`).test(source),
      )
      .map((method) => `${method} ${url}`);
  });
  expect(found.toSorted((a, b) => a.localeCompare(b))).toEqual(
    Object.keys(ROUTES).toSorted((a, b) => a.localeCompare(b)),
  );
});

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
    if (route.foreign === "not_found")
      expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
    else {
      expect(answer.status).toBeLessThan(300);
      for (const id of [ids.id, ids.runId, ids.keyId]) expect(JSON.stringify(answer.body)).not.toContain(id);
    }
  });

  test.runIf(!name.startsWith("GET"))("takes no write from another site's page", async () => {
    const { method, url } = split(name);
    for (const origin of ["https://evil.example", "null", `${stack.url}.evil.example`]) {
      const answer = await owner.call(method, url, route.body, { headers: { origin } });
      expect(answer, origin).toMatchObject({ status: 403, body: { code: "forbidden" } });
    }
  });

  test.runIf(route.scope)("asks a key for its scope", async () => {
    const others = SCOPES.filter((scope) => scope !== route.scope);
    const made = await api.call<{ key: string }>("POST", "/api/v1/api-keys", {
      name: "scoped",
      scopes: others,
    });
    const answer = await call(Api.withKey(stack.url, made.body.key), name, route);
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect(answer.body.detail).toContain(route.scope);
  });
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

test("too many requests are told when to come back", async () => {
  const key = await api.call<{ key: string }>("POST", "/api/v1/api-keys", { name: "busy" });
  const busy = Api.withKey(stack.url, key.body.key);
  const ask = async () => await busy.call("GET", "/api/studio/models", undefined, { impatient: true });
  const first = await ask();
  expect(first.headers.get("ratelimit-policy")).toMatch(/^"caller";q=\d+;w=60$/);
  expect(first.headers.get("ratelimit")).toMatch(/^"caller";r=\d+;t=\d+$/);
  const quota = Number(/q=(\d+)/.exec(first.headers.get("ratelimit-policy") ?? "")?.[1]);
  for (let sent = 1; sent < quota; sent += 50) await Promise.all(Array.from({ length: 50 }, ask));
  const refused = await ask();
  expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await api.call("GET", "/api/studio/models")).status).toBe(200);
});
