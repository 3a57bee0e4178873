import { afterAll, expect, test } from "vitest";
import { accountExport, type ExportLine, exportLine } from "#contracts/exports.ts";
import { EXPORT_TABLES } from "#domain/exports.ts";
import type { Api } from "#tests/api.ts";
import { EXPORTED_SESSION } from "#tests/exported-session.ts";
import { commitOf, GIT_PASSWORD, GIT_USER, GitServer } from "#tests/git-server.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { StripePages } from "#tests/stripe-pages.ts";
import { Visitor } from "#tests/visitor.ts";

const CANARY = "sk-canary-4f9c2e7b1a6d8053";

const { stack } = await sharedStudio();
const made = await Visitor.withOrganization(stack.url, "Exporters");
const owner = made.visitor;
const api = made.api;
const other = (await Visitor.withOrganization(stack.url, "Neighbours")).api;
// Not tested by anybody: nothing listens there, and the key is stored all the same.
const saved = await owner.call("PUT", "/api/v1/provider-keys/compatible:house", {
  api_key: CANARY,
  base_url: "http://127.0.0.1:1/v1",
  models: [{ id: "m" }],
});
expect(saved.status).toBe(200);
for (const [path, body] of [
  ["/api/v1/variables/DATABASE_URL", { value: `${CANARY}-variable` }],
  ["/api/v1/registries/house", { url: "http://127.0.0.1:1", token: `${CANARY}-registry`, scopes: ["@acme"] }],
  ["/api/v1/setup/production", { script: "true" }],
  ["/api/v1/settings/idle_timeout_minutes", { value: 17 }],
  ["/api/v1/limits", { subject: "organization", limit_micro_usd: 900_000_000 }],
  ["/api/v1/network/production", { mode: "closed", presets: [], hosts: [] }],
] as const)
  expect((await owner.call("PUT", path, body)).status).toBe(200);
const server = await GitServer.start();
afterAll(async () => await server.stop());
server.make("acme/shop", commitOf({ "README.md": "# Shop\n" }));
const connected = await owner.call("PUT", "/api/v1/git/connections/house", {
  base_url: server.url,
  username: GIT_USER,
  token: GIT_PASSWORD,
  repositories: ["acme/shop"],
});
expect(connected.status).toBe(200);
const destination = await owner.call("POST", "/api/v1/notification-destinations", {
  kind: "webhook",
  name: "Exported",
  url: `http://127.0.0.1:1/${CANARY}-hook`,
  kinds: ["failed"],
});
expect(destination.status).toBe(201);
const agent = await owner.call<{ id: string }>("POST", "/api/v1/agents", {
  name: "Exported",
  provider: "demo",
  model: "demo",
});
const mcp = await owner.call("POST", "/api/v1/mcp/servers", {
  name: "exported",
  transport: "streamable-http",
  url: "http://127.0.0.1:1/mcp",
  headers: { authorization: `${CANARY}-mcp` },
});
expect(mcp.status).toBe(201);
const rule = await owner.call("POST", "/api/v1/approval-rules", {
  name: "Exported",
  tool_pattern: "builtin:shell:ls *",
  action: "ask",
});
expect(rule.status).toBe(201);
const skill = await owner.call("POST", "/api/v1/skills", {
  name: "exported",
  description: "Use it in exports.",
  body_markdown: "Export.",
});
expect(skill.status).toBe(201);
const started = await api.call<{ session: { id: string } }>("POST", "/api/studio/sessions?wait=true", {
  agentId: agent.body.id,
  repository: { connection: "house", url: "acme/shop" },
});
const { session } = started.body;
const sessionId = session.id;
const runId = await api.send(sessionId, "create a file a.txt containing a");
expect((await api.finish(runId)).status).toBe("completed");
await api.stop(sessionId);
const imported = await owner.call<{ id: string }>("POST", "/api/v1/sessions/import", EXPORTED_SESSION);
expect(imported.status).toBe(201);
const checkout = await owner.call<{ id: string; url: string }>("POST", "/api/v1/credits/checkout", {
  amount_cents: 500,
});
await new StripePages(stack.env("web").STRIPE_API_URL ?? "").press(`${checkout.body.url}/pay`);
await owner.call("GET", `/api/v1/credits/checkout/${checkout.body.id}`);
const foreignId = (await other.createSession(false)).id;

async function lines(as: Api): Promise<{ all: ExportLine[]; text: string; response: Response }> {
  const response = await as.open("/api/v1/organization/export");
  const text = await response.text();
  const all = text
    .trimEnd()
    .split("\n")
    .map((line) => exportLine.parse(JSON.parse(line)));
  return { all, text, response };
}

test("an organization's export is whole, and ends with the number of its rows", async () => {
  const { all, response } = await lines(api);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  expect(response.headers.get("content-disposition")).toMatch(
    /^attachment; filename="studio-org-\w+\.ndjson"$/,
  );
  expect(all[0]).toMatchObject({ type: "organization", name: "Exporters" });
  expect(all.at(-1)).toEqual({ type: "end", rows: all.length - 2 });
  const rows = (table: string) =>
    all.flatMap((line) => ("row" in line && line.type === table ? [line.row] : []));
  for (const table of EXPORT_TABLES) expect(rows(table).length, table).toBeGreaterThan(0);
  expect(rows("sessions")).toEqual([
    expect.objectContaining({ id: sessionId, status: "stopped", created_at: expect.stringMatching(/Z$/) }),
    expect.objectContaining({ id: imported.body.id, title: EXPORTED_SESSION.session.title }),
  ]);
  // Every event of the session's log, each with its payload as an object.
  const log = await api.events(sessionId);
  expect(rows("events").map((row) => row.seq)).toEqual(log.map((event) => event.seq));
  for (const row of rows("events")) expect(typeof row.payload).toBe("object");
});

test("an export has no secret in it, and nothing of another organization's", async () => {
  const { text } = await lines(api);
  expect(text).toContain("compatible:house");
  for (const secret of [
    CANARY,
    GIT_PASSWORD,
    CANARY.slice(0, 12),
    "ciphertext",
    "wrapped",
    '"hash"',
    "sk_studio_",
    "gw_studio_",
  ])
    expect(text).not.toContain(secret);
  expect(text).not.toContain(foreignId);
  expect(text).not.toContain("Neighbours");
});

test("an organization's export is for its admins", async () => {
  const email = `member-${Date.now()}@studio.example`;
  const invitation = await owner.call<{ id: string }>("POST", "/api/auth/organization/invite-member", {
    email,
    role: "member",
  });
  const member = await Visitor.signUp(stack.url, email);
  const nowhere = await member.call("GET", "/api/v1/account/export");
  expect(nowhere.status).toBe(403);
  await member.call("POST", "/api/auth/organization/accept-invitation", { invitationId: invitation.body.id });
  const refused = await member.call("GET", "/api/v1/organization/export");
  expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
  // Their own data they get all the same, without what others did.
  const own = await member.call("GET", "/api/v1/account/export");
  expect(own.status).toBe(200);
  const file = accountExport.parse(own.body);
  expect(file).toMatchObject({ profile: { email }, sessions: [], complete: true });
});

test("a person's export says who they are, what they did, and which organization it covers", async () => {
  const answer = await owner.call("GET", "/api/v1/account/export");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="studio-account.json"');
  const file = accountExport.parse(answer.body);
  expect(file.covers).toMatchObject({
    name: "Exporters",
    note: expect.stringContaining("in Exporters only"),
  });
  expect(file.memberships).toEqual([expect.objectContaining({ name: "Exporters", role: "admin" })]);
  expect(new Set(file.sessions.map((session) => session.id))).toEqual(new Set([sessionId, imported.body.id]));
  const session = await api.session(sessionId);
  expect(file.totals).toMatchObject({
    // What was imported counts as a session, and brought no use.
    sessions: 2,
    input_tokens: session.totalInputTokens,
    output_tokens: session.totalOutputTokens,
    credits_consumed: session.totalCreditsConsumed,
  });
  expect(session.totalInputTokens).toBeGreaterThan(0);
  const text = JSON.stringify(file);
  for (const foreign of [foreignId, "Neighbours", CANARY]) expect(text).not.toContain(foreign);
});
