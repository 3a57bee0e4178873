import { afterAll, describe, expect, test, vi } from "vitest";
import { auditResponse } from "#contracts/audit.ts";
import { settingResponse, settingsResponse } from "#contracts/settings.ts";
import type { Session } from "#domain/session.ts";
import { startDemoModel } from "../contract/demo-model/process.ts";
import { KeyedModels } from "#tests/keyed-models.ts";
import { startStudio } from "#tests/studio.ts";
import { Visitor } from "#tests/visitor.ts";

const KEY = "sk-ant-own-0123456789abcdefghijkl";

const demo = await startDemoModel();
const models = await KeyedModels.start(() => demo.url, [KEY]);
vi.stubEnv("ANTHROPIC_BASE_URL", models.url);
const { stack, api } = await startStudio();
afterAll(async () => {
  vi.unstubAllEnvs();
  await models?.stop();
  await demo?.stop();
});

const put = async (key: string, value: unknown, as = api) =>
  await as.call<{ code?: string; value?: unknown; detail?: string }>("PUT", `/api/v1/settings/${key}`, {
    value,
  });
const create = async (provider: string, model: string) =>
  await api.call<{ session: Session; code?: string; detail?: string }>(
    "POST",
    "/api/studio/sessions?wait=true",
    { environment: "development", provider, model },
  );

describe("an organization's settings", () => {
  test("are read, changed one by one, and keep their value", async () => {
    const { settings } = settingsResponse.parse((await api.call("GET", "/api/v1/settings")).body);
    expect(settings).toEqual({
      default_model: null,
      raw_key_injection: false,
      idle_timeout_minutes: 15,
      max_live_sessions: 20,
      session_log_retention_days: null,
      saved_work_gb: 50,
      not_saved: expect.arrayContaining(["node_modules"]),
      env_var_missing_policy: "fail_fast",
      approvers: [],
      approval_deadline_minutes: 10,
      approval_deadline_action: "auto",
      sandbox_hours_per_month: null,
    });
    expect(await put("idle_timeout_minutes", 240)).toMatchObject({ status: 200, body: { value: 240 } });
    const one = await api.call("GET", "/api/v1/settings/idle_timeout_minutes");
    expect(settingResponse.parse(one.body)).toEqual({ key: "idle_timeout_minutes", value: 240 });
    const { body } = await create("demo", "demo");
    expect(body.session.idleTimeoutMs).toBe(240 * 60_000);
    await api.stop(body.session.id);
  });

  test.each([
    ["idle_timeout_minutes", 0, 400, "invalid_request"],
    ["idle_timeout_minutes", 241, 400, "invalid_request"],
    ["idle_timeout_minutes", "15", 400, "invalid_request"],
    ["max_live_sessions", 1.5, 400, "invalid_request"],
    ["session_log_retention_days", 0, 400, "invalid_request"],
    ["env_var_missing_policy", "ask_human", 400, "invalid_request"],
    ["approval_deadline_minutes", 1_441, 400, "invalid_request"],
    ["approval_deadline_action", "approve", 400, "invalid_request"],
    ["approvers", [{ environment: "development", kind: "sudo" }], 400, "invalid_request"],
    ["saved_work_gb", 51, 400, "invalid_request"],
    ["not_saved", ["a/b"], 400, "invalid_request"],
    ["not_saved", [".git"], 400, "invalid_request"],
    ["raw_key_injection", "yes", 400, "invalid_request"],
    ["default_model", { provider: "acme", model: "x" }, 400, "unknown_provider"],
    ["default_model", { provider: "demo", model: "x" }, 400, "unknown_model"],
    ["default_model", "demo", 400, "invalid_request"],
    ["colour", 1, 404, "not_found"],
    ["toString", 1, 404, "not_found"],
  ])("%s = %j is refused", async (key, value, status, code) => {
    expect(await put(key, value)).toMatchObject({ status, body: { code } });
  });

  test("only admins change them", async () => {
    const { api: eve } = await Visitor.withOrganization(stack.url, "Elsewhere");
    expect((await put("idle_timeout_minutes", 30, eve)).status, "her own").toBe(200);
    expect((await api.call("GET", "/api/v1/settings/idle_timeout_minutes")).body).toMatchObject({
      value: 240,
    });
  });

  test("the default model is what is offered first", async () => {
    expect((await put("default_model", { provider: "demo", model: "demo" })).status).toBe(200);
    expect((await api.call("GET", "/api/studio/models")).body).toMatchObject({
      default: { provider: "demo", model: "demo", notice: null },
    });
    expect((await put("default_model", null)).status).toBe(200);
  });

  test("no more sessions at once than it allows itself", async () => {
    const { body } = await create("demo", "demo");
    await put("max_live_sessions", 1);
    const second = await create("demo", "demo");
    expect(second).toMatchObject({
      status: 409,
      body: { code: "session_limit", detail: expect.stringContaining("Stop one") },
    });
    await api.stop(body.session.id);
    const third = await create("demo", "demo");
    expect(third.status).toBe(201);
    await api.stop(third.body.session.id);
    await put("max_live_sessions", 20);
  });
});

describe("keys in the sandbox", () => {
  const inSandbox = async (session: Session, command: string) =>
    await stack.runInSandbox(session.sandboxId ?? "", command);

  test("are there where an admin wants it, for sessions that the own key pays for, and for no others", async () => {
    const saved = await api.call("PUT", "/api/v1/provider-keys/anthropic", { api_key: KEY });
    expect(saved.body).toMatchObject({ provider_key: { status: "active" } });
    const kept = (await create("anthropic", "claude-sonnet-4-6")).body.session;
    expect(kept).toMatchObject({ status: "ready", rawKey: false });
    expect(await inSandbox(kept, "env")).not.toContain(KEY);
    await api.stop(kept.id);

    expect((await put("raw_key_injection", true)).status).toBe(200);
    const raw = (await create("anthropic", "claude-sonnet-4-6")).body.session;
    expect(raw).toMatchObject({ status: "ready", keySource: "direct", rawKey: true });
    expect(await inSandbox(raw, "env")).toContain(`ANTHROPIC_API_KEY=${KEY}`);
    const config = await inSandbox(raw, "cat /workspace/opencode.json");
    expect(config).not.toContain("/api/gateway");
    expect(config).not.toContain(KEY);
    expect(JSON.parse(config)).toMatchObject({
      provider: { anthropic: { options: { baseURL: models.url } } },
      model: "anthropic/claude-sonnet-4-6",
    });
    expect(await inSandbox(raw, "env; cat /workspace/.env")).not.toContain("gw_studio_");
    await api.stop(raw.id);

    const onCredits = (await create("demo", "demo")).body.session;
    expect(onCredits).toMatchObject({ status: "ready", keySource: "platform", rawKey: false });
    await api.stop(onCredits.id);
    await put("raw_key_injection", false);
    const audited = JSON.stringify((await api.call("GET", "/api/v1/settings")).body);
    expect(audited).not.toContain(KEY);
  });
});

describe("SEC-1: a person's own token for the database", () => {
  test("SEC-1: creates no session with the key in its sandbox", async () => {
    const admin = await Visitor.signIn(stack.url, stack.credentials);
    const { token, convexUrl } = (
      await admin.call<{ token: string; convexUrl: string }>("GET", "/api/auth/token")
    ).body;
    const args = {
      environment: "development",
      provider: "anthropic",
      model: "claude-sonnet-4-6",
      title: "raw",
    };
    for (const more of [{ keySource: "direct", rawKey: true }, { keySource: "direct", actor: {} }, {}]) {
      const answer = await fetch(`${convexUrl}/api/mutation`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({
          path: "sandboxSessions:create",
          format: "json",
          args: { ...args, ...more },
        }),
      });
      expect(await answer.json()).toMatchObject({ status: "error" });
    }
  });
});

describe("the audit log", () => {
  test("says who changed a setting, before and after, and from where", async () => {
    await put("max_live_sessions", 21);
    await put("max_live_sessions", 20);
    const answer = await api.call("GET", "/api/v1/audit?action=setting.changed&limit=1");
    const { entries, next_cursor } = auditResponse.parse(answer.body);
    expect(entries).toMatchObject([
      {
        action: "setting.changed",
        target: "max_live_sessions",
        before: 21,
        after: 20,
        via: "api",
        actor: { kind: "apiKey", key_last4: stack.credentials.apiKey.slice(-4) },
      },
    ]);
    expect(entries[0]?.address).toMatch(/127\.0\.0\.1|::1/);
    const rest = await api.call("GET", `/api/v1/audit?action=setting.changed&limit=1&cursor=${next_cursor}`);
    expect(auditResponse.parse(rest.body).entries).toMatchObject([{ before: 20, after: 21 }]);
  });

  test("comes as a file too, and refuses what it cannot answer", async () => {
    const csv = await api.open("/api/v1/audit?format=csv&action=setting&limit=2");
    expect(csv.headers.get("content-type")).toMatch(/^text\/csv/);
    const lines = (await csv.text()).trim().split("\r\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^at,action,/);
    const next = /^<([^>]+)>; rel="next"$/.exec(csv.headers.get("link") ?? "")?.[1];
    expect((await (await api.open(next ?? "")).text()).split("\r\n")[1]).toMatch(/setting\.changed/);
    for (const query of ["limit=101", "format=xml", "actor=nobody", "from=yesterday", "cursor=nonsense"])
      expect((await api.call("GET", `/api/v1/audit?${query}`)).status, query).toBe(400);
  });
});
