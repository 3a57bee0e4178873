import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { creditsResponse } from "#contracts/billing.ts";
import type { Session } from "#domain/session.ts";
import { until } from "#tests/api.ts";
import { passOn } from "#tests/keyed-models.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { Visitor } from "#tests/visitor.ts";

const KEY = "sk-own-0123456789abcdefghijklmnop";
let refuseKey = false;
const seen: string[] = [];

const { stack, api } = await sharedStudio();
// An OpenAI-compatible endpoint of the team's own: the demo model behind a key.
const demo = new URL(stack.env("web").DEMO_MODEL_URL ?? "");
const endpoint = http.createServer((request, response) => {
  seen.push(request.headers.authorization ?? "");
  if (refuseKey || request.headers.authorization !== `Bearer ${KEY}`)
    return void response
      .writeHead(401, { "content-type": "application/json" })
      .end('{"error":{"message":"no"}}');
  const { authorization: _, host: _host, ...headers } = request.headers;
  passOn(demo, request, response, headers);
});
await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1`;
afterAll(async () => {
  endpoint?.close();
});

const credits = async (as = api) => creditsResponse.parse((await as.call("GET", "/api/v1/credits")).body);
const create = async (body: object, as = api) =>
  await as.call<{ session: Session; code?: string; detail?: string }>(
    "POST",
    "/api/studio/sessions?wait=true",
    {
      environment: "development",
      ...body,
    },
  );

describe("who pays", () => {
  test("the team's own key, where it has one: no credits are taken, and the key stays out of the sandbox", async () => {
    const saved = await api.call("PUT", "/api/v1/provider-keys/compatible:team", {
      api_key: KEY,
      name: "Team",
      base_url: baseUrl,
      models: [{ id: "team-model" }],
    });
    expect(saved.body).toMatchObject({ provider_key: { status: "active" } });
    const before = await credits();
    const { status, body } = await create({ provider: "compatible:team", model: "team-model" });
    expect(status).toBe(201);
    expect(body.session).toMatchObject({ status: "ready", keySource: "direct" });
    const run = await api.finish(
      await api.send(body.session.id, "run `env; cat opencode.json .env; ps aux`"),
    );
    expect(run.status).toBe("completed");
    expect(seen).toContain(`Bearer ${KEY}`);
    const log = JSON.stringify(await api.events(body.session.id));
    expect(log).toContain("STRUERE_CONVEX_URL");
    expect(log).not.toContain(KEY);
    expect(await credits()).toEqual(before);
    const after = await api.session(body.session.id);
    expect(after.totalCreditsConsumed).toBe(0);
    expect(after.totalInputTokens).toBeGreaterThan(0);

    refuseKey = true;
    await api.send(body.session.id, "list files");
    await until(
      "the wait for a key",
      async () => (await api.session(body.session.id)).waitingFor === "provider",
    );
    const keys = await api.call<{ provider_keys: { status: string }[] }>("GET", "/api/v1/provider-keys");
    expect(keys.body.provider_keys[0]?.status).toBe("error");
    refuseKey = false;
    await api.stop(body.session.id);
    expect(await create({ provider: "compatible:team", model: "team-model" })).toMatchObject({
      status: 402,
      body: { code: "no_key", detail: expect.stringContaining("was rejected") },
    });
  });

  test("a provider without any key says where to put one", async () => {
    expect(await create({ provider: "xai", model: "grok-4.3" })).toMatchObject({
      status: 402,
      body: { code: "no_key", detail: expect.stringContaining("Settings, Providers") },
    });
  });

  test("a model that its provider has retired is not refused for that", async () => {
    expect(await create({ provider: "xai", model: "grok-4-1-fast" })).toMatchObject({
      status: 402,
      body: { code: "no_key" },
    });
    expect(await create({ provider: "xai", model: "grok-99" })).toMatchObject({
      status: 400,
      body: { code: "unknown_model" },
    });
  });
});

describe("credits", () => {
  test("used up: the run ends with the way out, and no new session is made", async () => {
    const { api: poor } = await Visitor.withOrganization(stack.url, "Poor");
    const session = await poor.createSession();
    // Half a million tokens of the demo model: more than five dollars' worth in a few calls is not to be had,
    // so what is left is spent by the ledger's own means.
    await stack.spend(session.organizationId, session.id, (await credits(poor)).available_micro_usd);
    expect((await credits(poor)).available_micro_usd).toBe(0);
    const run = await poor.finish(await poor.send(session.id, "list files"));
    expect(run.status).toBe("failed");
    expect(run.error).toContain("out of platform credits");
    expect((await poor.session(session.id)).waitingFor).toBeNull();
    await poor.stop(session.id);
    expect(await create({ provider: "demo", model: "demo" }, poor)).toMatchObject({
      status: 402,
      body: { code: "no_credits", detail: expect.stringContaining("Add credits") },
    });
  });

  test("at its cap a session waits, and goes on when somebody raises it", async () => {
    const { body } = await create({ provider: "demo", model: "demo", budgetCapMicroUsd: 10_000 });
    const sessionId = body.session.id;
    await stack.spend(body.session.organizationId, sessionId, 9_900);
    const runId = await api.send(sessionId, "```demo\nrun echo one\nsay done\n```");
    const waiting = await until("the cap", async () => {
      const pending = await api.call<{ approvals: { approval_key: string }[] }>(
        "GET",
        `/api/v1/runs/${runId}/approvals/pending`,
      );
      for (const { approval_key } of pending.body.approvals)
        await api.decide(runId, approval_key, "approved");
      const session = await api.session(sessionId);
      return session.waitingFor === "budget" ? session : null;
    });
    expect(waiting).toMatchObject({ status: "active", budgetCapMicroUsd: 10_000 });
    const tooLow = await api.call("PATCH", `/api/studio/sessions/${sessionId}`, { budgetCapMicroUsd: 9_800 });
    expect(tooLow.status, "less than it has cost, or than a cent").toBe(400);
    const raised = await api.call("PATCH", `/api/studio/sessions/${sessionId}`, {
      budgetCapMicroUsd: 5_000_000,
    });
    expect(raised.status).toBe(200);
    const run = await api.finish(runId);
    expect(run.status).toBe("completed");
    expect((await api.session(sessionId)).waitingFor).toBeNull();
    await api.stop(sessionId);
  });

  test("nothing stays held when everything is over", async () => {
    await until("the holds' end", async () => (await credits()).held_micro_usd === 0, 60_000);
  });
});
