import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ROUTES } from "#contracts/routes.ts";
import { agentsAndSessions, approveByRule } from "#tests/agents-and-sessions.ts";
import { callConnections } from "#tests/connections.ts";
import { checkedCalls } from "#tests/checked-calls.ts";
import { WALL_IDS } from "#domain/walls.ts";
import { commitOf, GIT_PASSWORD, GitServer } from "#tests/git-server.ts";
import { GitHubStandIn } from "#tests/github.ts";
import { Api, until } from "#tests/api.ts";
import { doorsOf, skillsFromGit, toldOf } from "#tests/doors.ts";
import { ELSEWHERE } from "#tests/responses-elsewhere.ts";
import { PUSH_SUBSCRIPTION } from "#tests/notification-routes.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { asApp, toGreen } from "#tests/to-green.ts";
import { Visitor } from "#tests/visitor.ts";

const { stack, api } = await sharedStudio();

const { called, succeed, opened } = checkedCalls(api);

const ASK = "```demo\nask Which colour? | Red; Green\nrun seq 1 20000\nsay the end\n```";

async function questionOf(run_id: string): Promise<string> {
  return await until("the agent's question", async () => {
    const { questions } = await succeed("GET /api/v1/runs/{run_id}/questions/pending", {
      params: { run_id },
    });
    return questions[0]?.question_key;
  });
}

// Dozens of requests, and the start of several agents.
test("sessions and runs", { timeout: 300_000 }, async () => {
  const { sessionId: id } = await succeed("POST /api/studio/sessions", {
    query: { wait: "true" },
    body: { provider: "demo", model: "demo" },
  });
  const params = { id };
  await succeed("GET /api/studio/sessions");
  await succeed("GET /api/studio/models");
  await succeed("GET /api/studio/sessions/{id}", { params });
  await succeed("PATCH /api/studio/sessions/{id}", { params, body: { title: "Every response" } });
  await succeed("POST /api/studio/sessions/{id}/keepalive", { params });
  await succeed("GET /api/studio/sessions/{id}/payer", { params });

  const send = { params, body: { message: ASK } };
  const { runId: run_id } = await succeed("POST /api/studio/sessions/{id}/message", send);
  const question_key = await questionOf(run_id);
  await succeed("POST /api/v1/runs/{run_id}/questions/{question_key}", {
    params: { run_id, question_key },
    body: { answers: [["Green"]] },
  });
  const { approval_key } = await api.question(run_id);
  await succeed("GET /api/v1/runs/{run_id}/approvals/pending", { params: { run_id } });
  await approveByRule(succeed, run_id, approval_key);
  await api.finish(run_id);
  await succeed("GET /api/v1/runs/{run_id}", { params: { run_id } });
  const { runs } = await succeed("GET /api/v1/runs", {
    query: { status: "completed", session_id: id, mine: "true" },
  });
  expect(runs.map((run) => run.id)).toEqual([run_id]);
  const { events: ofTools } = await succeed("GET /api/v1/sessions/{id}/events", {
    params,
    query: { types: "tool.*,run.started", from_seq: 2 },
  });
  expect(new Set(ofTools.map(({ type }) => type.split(".")[0]))).toEqual(new Set(["run", "tool"]));
  const { events } = await succeed("GET /api/v1/sessions/{id}/events", { params, query: { limit: 500 } });
  const long = events.find(({ payload }) => payload.output_artifact_id !== undefined);
  const artifact_id = String(long?.payload.output_artifact_id);
  await succeed("GET /api/v1/sessions/{id}/artifacts/{artifact_id}", { params: { id, artifact_id } });
  const sse = "text/event-stream";
  await opened("GET /api/v1/runs/{run_id}/events/stream", sse, { params: { run_id } }, "event: end");
  await opened("GET /api/studio/sessions/{id}/events", sse, { params, query: { after: 2 } }, "\nid: 3\n");
  const readable = { params, query: { format: "markdown" as const } };
  await opened("GET /api/v1/sessions/{id}/export", "text/markdown", readable, "## Agent");

  const second = await succeed("POST /api/studio/sessions/{id}/message", send);
  const questionId = await questionOf(second.runId);
  await succeed("POST /api/studio/sessions/{id}/question", { params, body: { questionId, reject: true } });
  const stream = opened("GET /api/v1/events/stream", sse, {}, "event: agent_event");
  await succeed("POST /api/studio/sessions/{id}/cancel", { params });
  await stream;
  const third = await succeed("POST /api/v1/sessions/{id}/runs", { params, body: { message: "list files" } });
  await succeed("POST /api/v1/runs/{run_id}/cancel", { params: { run_id: third.run_id } });
  const listing = { params, body: { content: "list files" } };
  const last = await succeed("POST /api/v1/sessions/{id}/messages", listing);
  await api.finish(last.run_id);
  await doorsOf(api, succeed, id);
  await succeed("DELETE /api/studio/sessions/{id}", { params });
  await agentsAndSessions(api, succeed, id);
  await toldOf(api, succeed);
});

test("a sandbox", async () => {
  const { id } = await api.createSession();
  const params = { id };
  await succeed("GET /api/studio/sessions/{id}/files", { params });
  await succeed("PUT /api/studio/sessions/{id}/files", {
    params,
    body: { path: "a.txt", content: "a", expectedHash: null },
  });
  await succeed("GET /api/studio/sessions/{id}/files", { params, query: { path: "a.txt" } });
  await opened(
    "GET /api/studio/sessions/{id}/files/content",
    "application/octet-stream",
    { params, query: { path: "a.txt", raw: "1" } },
    "a",
  );
  await succeed("GET /api/studio/sessions/{id}/sandbox", { params });
  const { checks } = await succeed("POST /api/studio/sessions/{id}/sandbox/check", { params });
  // Every wall is tried in a session's own sandbox, its agent running, and holds; memory where the kernel's groups hold it.
  expect(checks.map(({ id: wall }) => wall)).toEqual(WALL_IDS);
  const held = process.getuid?.() === 0 ? checks : checks.filter(({ id: wall }) => wall !== "memory");
  expect(held.filter((wall) => wall.held !== true)).toEqual([]);
  // The kernel ended what took the memory, and nothing else.
  await api.finish(await api.send(id, "```demo\nsay still here\n```"));
  await succeed("POST /api/studio/sessions/{id}/preview", { params, body: { port: 5173 } });

  const size = { cols: 80, rows: 24 };
  const made = await succeed("POST /api/studio/sessions/{id}/terminals", { params, body: size });
  const terminal = { params: { id, terminal: made.id } };
  await succeed("GET /api/studio/sessions/{id}/terminals", { params });
  const route = "/api/studio/sessions/{id}/terminals/{terminal}";
  await succeed(`POST ${route}/resize`, { ...terminal, body: size });
  await succeed(`POST ${route}/input`, { ...terminal, body: { data: "echo hi\r" } });
  await opened(`GET ${route}/output`, "text/event-stream", terminal, "data: ");
  await succeed(`DELETE ${route}`, terminal);
  await succeed("GET /api/studio/sessions/{id}/processes", { params });
  await succeed("DELETE /api/studio/sessions/{id}/processes/{pid}", { params: { id, pid: "999999999" } });
  await api.stop(id);
});

test("a repository, and its pull request", { timeout: 240_000 }, async () => {
  const server = await GitServer.start();
  const github = await GitHubStandIn.start(GIT_PASSWORD);
  try {
    server.make("acme/shop", commitOf({ "README.md": "# Shop\n" }));
    const saved = await succeed("PUT /api/v1/git/connections/{connection}", {
      params: { connection: "hub" },
      body: {
        kind: "github",
        base_url: server.url,
        api_url: github.url,
        token: GIT_PASSWORD,
        repositories: ["acme/*"],
      },
    });
    expect(saved.connection.status_detail).toContain("studio-bot");
    await skillsFromGit(api, succeed, server);
    const { sessionId: id } = await succeed("POST /api/studio/sessions", {
      query: { wait: "true" },
      body: { provider: "demo", model: "demo", repository: { connection: "hub", url: "acme/shop" } },
    });
    const params = { id };
    const body = { path: "shop/a.txt", content: "a\n", expectedHash: null };
    await succeed("PUT /api/studio/sessions/{id}/files", { params, body });
    const query = { folder: "shop" };
    expect((await succeed("GET /api/studio/sessions/{id}/git/diff", { params, query })).patch).toContain(
      "+a",
    );
    await opened("GET /api/studio/sessions/{id}/git/patch", "text/x-diff", { params, query }, "+a");
    await opened("GET /api/studio/sessions/{id}/archive", "application/gzip", { params });
    const zip = { params, query: { path: "shop" } };
    await opened("GET /api/studio/sessions/{id}/archive/zip", "application/zip", zip, "a.txt");
    await succeed("POST /api/studio/sessions/{id}/git/commit", {
      params,
      body: { folder: "shop", message: "Add a" },
    });
    await succeed("PUT /api/studio/sessions/{id}/files", {
      params,
      body: { path: "shop/b.txt", content: "b\n", expectedHash: null },
    });
    const shop = { folder: "shop" };
    await succeed("POST /api/studio/sessions/{id}/git/discard", {
      params,
      body: { ...shop, paths: ["b.txt"] },
    });
    const updated = await succeed("POST /api/studio/sessions/{id}/git/update", { params, body: shop });
    expect(updated.conflicts).toEqual([]);
    const nothing = await api.call<{ detail: string }>(
      "DELETE",
      `/api/studio/sessions/${id}/git/update?folder=shop`,
    );
    expect([nothing.status, nothing.body.detail]).toEqual([502, expect.stringContaining("no update")]);
    const { branch } = await succeed("POST /api/studio/sessions/{id}/git/push", {
      params,
      body: { folder: "shop" },
    });
    const made = await succeed("POST /api/studio/sessions/{id}/git/pull-request", {
      params,
      body: { folder: "shop", title: "Add a", body: "From a session", draft: true, reviewers: ["mara"] },
    });
    expect(made).toMatchObject({ pullRequest: { number: 1, state: "draft" }, warning: null });
    expect(github.pulls).toMatchObject([
      { head: { ref: branch }, base: { ref: "main" }, draft: true, requested_reviewers: [{ login: "mara" }] },
    ]);
    const again = await api.call<{ detail: string }>("POST", `/api/studio/sessions/${id}/git/pull-request`, {
      folder: "shop",
      title: "Add a",
    });
    expect([again.status, again.body.detail]).toEqual([502, expect.stringContaining("already exists")]);
    const [repository] = (await succeed("GET /api/studio/sessions/{id}/git", { params })).repositories;
    expect(repository).toMatchObject({ kind: "github", branch, work: { files: [], ahead: 1 } });
    await toGreen({ api, succeed }, id, branch, { server, github });
    await asApp({ api, succeed }, id, { server, github });
    await api.stop(id);
  } finally {
    await Promise.all([server.stop(), github.stop()]);
  }
});

test("an organization", async () => {
  await succeed("GET /api/v1/settings");
  await succeed("GET /api/v1/saved-work");
  for (const key of ["default_model", "idle_timeout_minutes"])
    await succeed("GET /api/v1/settings/{key}", { params: { key } });
  await succeed("PUT /api/v1/settings/{key}", {
    params: { key: "raw_key_injection" },
    body: { value: false },
  });

  await succeed("POST /api/v1/support-access", { body: { hours: 1, reason: "A ticket" } });
  await succeed("GET /api/v1/support-access");
  await succeed("GET /api/v1/retention-preview", { query: { days: 30 } });
  await succeed("DELETE /api/v1/support-access");
  await succeed("GET /api/v1/network");
  const environment = { params: { environment: "development" } } as const;
  await succeed("PUT /api/v1/network/{environment}", {
    ...environment,
    body: { mode: "listed", presets: ["npm"], hosts: ["*.example.com:8443"] },
  });
  await succeed("POST /api/v1/network/{environment}/hosts", {
    ...environment,
    body: { host: "registry.example.com" },
  });

  await succeed("PUT /api/v1/setup/{environment}", { ...environment, body: { script: "true" } });
  await succeed("GET /api/v1/setup");
  await succeed("POST /api/v1/setup/{environment}/rebuild", environment);
  await succeed("GET /api/v1/setup/{environment}/output", environment);
  await succeed("DELETE /api/v1/setup/{environment}", environment);

  const key = await succeed("POST /api/v1/api-keys", { body: { name: "Every response" } });
  await succeed("GET /api/v1/api-keys");
  await succeed("DELETE /api/v1/api-keys/{id}", { params: { id: key.id } });

  const provider = { params: { provider: "compatible:mine" } };
  await succeed("PUT /api/v1/provider-keys/{provider}", {
    ...provider,
    body: { api_key: "a-key-for-nothing", base_url: "http://127.0.0.1:1", models: [{ id: "m" }] },
  });
  await succeed("GET /api/v1/provider-keys");
  await succeed("POST /api/v1/provider-keys/{provider}/test", provider);
  await succeed("DELETE /api/v1/provider-keys/{provider}", provider);

  const connection = { params: { connection: "house" } };
  await succeed("PUT /api/v1/git/connections/{connection}", {
    ...connection,
    body: { base_url: "http://127.0.0.1:1", token: "a-token", repositories: ["acme/shop"] },
  });
  await succeed("GET /api/v1/git/connections");
  await succeed("POST /api/v1/git/connections/{connection}/test", connection);
  await succeed("DELETE /api/v1/git/connections/{connection}", connection);

  await callConnections(succeed);

  const variable = { params: { name: "DATABASE_URL" } };
  await succeed("PUT /api/v1/variables/{name}", { ...variable, body: { value: "postgres://db.example" } });
  await succeed("GET /api/v1/variables");
  await succeed("DELETE /api/v1/variables/{name}", variable);

  const { entries } = await succeed("GET /api/v1/audit");
  expect(entries.map(({ action }) => action)).toContain("provider_key.removed");
  await opened("GET /api/v1/audit", "text/csv", { query: { format: "csv" } }, "at,action");
  await succeed("GET /api/v1/account/export");
  await opened("GET /api/v1/organization/export", "application/x-ndjson", {}, '"type":"end"');
  await succeed("GET /api/v1/credits");
  await succeed("GET /api/v1/credits/ledger");
  const limit = { subject: "organization", limit_micro_usd: 900_000_000 } as const;
  await succeed("PUT /api/v1/limits", { body: limit });
  await succeed("GET /api/v1/limits");
  await succeed("DELETE /api/v1/limits", { query: { subject: "organization" } });
  await succeed("GET /api/v1/notifications");
  await succeed("POST /api/v1/notifications/read", { body: {} });
  const { settings } = await succeed("GET /api/v1/notification-settings");
  await succeed("PUT /api/v1/notification-settings", { body: { ...settings, all_sessions: true } });
  const { destination } = await succeed("POST /api/v1/notification-destinations", {
    body: { kind: "webhook", name: "Nobody", url: "http://127.0.0.1:1/hook", kinds: ["failed"] },
  });
  const there = { params: { destination: destination.id } };
  await succeed("GET /api/v1/notification-destinations");
  await succeed("PATCH /api/v1/notification-destinations/{destination}", {
    ...there,
    body: { enabled: false },
  });
  const tried = await succeed("POST /api/v1/notification-destinations/{destination}/test", there);
  expect(tried).toMatchObject({ sent: false, error: expect.any(String) });
  await succeed("DELETE /api/v1/notification-destinations/{destination}", there);
  const person = await Visitor.signIn(stack.url, stack.credentials);
  await succeed("POST /api/v1/push-subscriptions", { body: PUSH_SUBSCRIPTION }, person);
  const { endpoint } = PUSH_SUBSCRIPTION;
  await succeed("POST /api/v1/push-subscriptions/remove", { body: { endpoint } }, person);
  await succeed("GET /api/v1/usage");
  await succeed("GET /api/v1/usage", { query: { by: "member" } });
  await succeed("GET /api/auth/token");
});

test("what is open to anybody", async () => {
  const nobody = new Api(stack.url, {});
  await succeed("GET /api/v1/health", {}, nobody);
  await succeed("GET /api/v1/status", {}, nobody);
  const document = await succeed("GET /api/openapi.json", {}, nobody);
  expect(document).toMatchObject({ openapi: "3.1.1", servers: [{ url: stack.url }] });
});

test("the embedded sign-in", async () => {
  const email = () => `p${randomBytes(6).toString("hex")}@studio.example`;
  const password = "a long enough password";
  const mine = email();
  const owner = await Visitor.signUp(stack.url, mine);
  const slug = `org-${randomBytes(5).toString("hex")}`;
  const { id: organizationId } = await succeed(
    "POST /api/auth/organization/create",
    { body: { name: "First", slug } },
    owner,
  );
  await succeed("POST /api/auth/organization/set-active", { body: { organizationId } }, owner);
  await succeed(
    "POST /api/auth/organization/update",
    { body: { organizationId, data: { name: "Renamed" } } },
    owner,
  );
  const invite = async (address: string) =>
    await succeed(
      "POST /api/auth/organization/invite-member",
      { body: { email: address, role: "member" } },
      owner,
    );
  const withdrawn = await invite(email());
  await succeed(
    "POST /api/auth/organization/cancel-invitation",
    { body: { invitationId: withdrawn.id } },
    owner,
  );

  const join = async (how: "accept" | "reject") => {
    const address = email();
    const { id: invitationId } = await invite(address);
    const visitor = await Visitor.signUp(stack.url, address);
    await succeed(`POST /api/auth/organization/${how}-invitation`, { body: { invitationId } }, visitor);
    return { visitor, address };
  };
  await join("reject");
  const first = await join("accept");
  const second = await join("accept");
  const { members, invitations } = await succeed(
    "GET /api/auth/organization/get-full-organization",
    {},
    owner,
  );
  expect(invitations.length).toBeGreaterThan(0);
  const memberId = members.find(({ user }) => user.email === second.address)?.id ?? "";
  await succeed(
    "POST /api/auth/organization/update-member-role",
    { body: { memberId, role: "viewer" } },
    owner,
  );
  await succeed("POST /api/auth/organization/remove-member", { body: { memberIdOrEmail: memberId } }, owner);
  await succeed("POST /api/auth/organization/leave", { body: { organizationId } }, first.visitor);
  await succeed("GET /api/auth/organization/list", {}, owner);
  await succeed("POST /api/auth/organization/delete", { body: { organizationId } }, owner);

  const body = { currentPassword: password, newPassword: `${password}!`, revokeOtherSessions: true };
  await succeed("POST /api/auth/change-password", { body }, owner);
  await succeed("POST /api/auth/sign-out", { body: {} }, owner);
  await succeed("POST /api/auth/sign-in/email", { body: { email: mine, password: `${password}!` } }, owner);
  await succeed("POST /api/auth/delete-user", { body: { password } }, await Visitor.signUp(stack.url));
  const signUp = { body: { name: "New", email: email(), password } };
  await succeed("POST /api/auth/sign-up/email", signUp, owner);
});

describe("afterwards", () => {
  test("every route was called with success, but for those that are called elsewhere", () => {
    const missing = Object.keys(ROUTES).filter((name) => !called.has(name));
    expect(missing.toSorted()).toEqual(Object.keys(ELSEWHERE).toSorted());
  });

  test("no route refused with a code that it does not declare", () => {
    expect(
      stack
        .log("web")
        .split("\n")
        .filter((line) => line.includes("undeclared refusal")),
    ).toEqual([]);
  });
});
