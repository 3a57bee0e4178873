import { afterAll, expect, test, vi } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import type { KeySource } from "#domain/catalog.ts";
import type { Session } from "#domain/session.ts";
import { startDemoModel } from "../contract/demo-model/process.ts";
import { until } from "#tests/api.ts";
import { KeyedModels } from "#tests/keyed-models.ts";
import { startStudio } from "#tests/studio.ts";

const DIRECT = "sk-ant-own-0123456789abcdefghijkl";
const REPLACED = "sk-ant-new-0123456789abcdefghijkl";
const ROUTER = "sk-or-own-0123456789abcdefghijklm";
const PLATFORM = "sk-ant-platform-0123456789abcdefg";

const demo = await startDemoModel();
const models = await KeyedModels.start(() => demo.url, [DIRECT, REPLACED, ROUTER, PLATFORM]);
vi.stubEnv("ANTHROPIC_API_KEY", PLATFORM);
// Where real platform keys are set, nobody is given credits unless the operator says so.
vi.stubEnv("STUDIO_WELCOME_MICRO_USD", "5000000");
vi.stubEnv("ANTHROPIC_BASE_URL", models.url);
vi.stubEnv("OPENROUTER_BASE_URL", models.url);
const { stack, api } = await startStudio();
await putKey("anthropic", DIRECT);
await putKey("openrouter", ROUTER);
afterAll(async () => {
  vi.unstubAllEnvs();
  await models?.stop();
  await demo?.stop();
});

async function putKey(provider: string, key: string): Promise<void> {
  const saved = await api.call("PUT", `/api/v1/provider-keys/${provider}`, { api_key: key });
  expect(saved.body).toMatchObject({ provider_key: { status: "active" } });
}

async function open(): Promise<Session> {
  const { body } = await api.call<{ session: Session }>("POST", "/api/studio/sessions?wait=true", {
    environment: "development",
    provider: "anthropic",
    model: "claude-sonnet-4-6",
  });
  expect(body.session).toMatchObject({ status: "ready", keySource: "direct" });
  return body.session;
}

const refused = async (sessionId: string) =>
  await until("the wait for a payer", async () => {
    const session = await api.session(sessionId);
    return session.waitingFor === "provider" ? session : null;
  });
const payer = async (sessionId: string) =>
  (await api.call<{ next: KeySource | null }>("GET", `/api/studio/sessions/${sessionId}/payer`)).body;
const change = async (sessionId: string, keySource: KeySource) =>
  await api.call<{ code?: string }>("POST", `/api/studio/sessions/${sessionId}/payer`, { keySource });
const typed = (events: EventEnvelope[], type: string) => events.filter((event) => event.type === type);

test("a key that is refused in the middle of a run: the run waits, and goes on with whom a person chooses", async () => {
  const { id } = await open();
  const runId = await api.send(
    id,
    "```demo\nwrite one.txt <<EOF\none\nEOF\nrun echo x >> count.txt\nrun echo y >> count.txt\nsay all done\n```",
  );
  const first = await api.question(runId);
  models.accepted.delete(DIRECT);
  await api.decide(runId, first.approval_key, "approved");
  const waiting = await refused(id);
  expect(waiting).toMatchObject({
    status: "active",
    keySource: "direct",
    waitDetail: { status: 401, message: expect.stringContaining("rejected the key") },
  });
  // It waits: neither the run ends by itself, nor is the payer changed, nor the provider asked again and again.
  const asked = models.seen.length;
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  expect(await api.session(id)).toMatchObject({
    status: "active",
    waitingFor: "provider",
    keySource: "direct",
  });
  expect((await api.run(runId)).status).toBe("running");
  expect(models.seen.length).toBe(asked);
  expect(typed(await api.events(id), "llm.response.error")).toHaveLength(1);

  expect(await payer(id)).toMatchObject({ keySource: "direct", next: "openrouter" });
  expect(await change(id, "platform")).toMatchObject({ status: 409, body: { code: "not_waiting" } });
  expect((await change(id, "openrouter")).status).toBe(202);
  const second = await api.question(runId);
  expect(await api.session(id)).toMatchObject({ keySource: "openrouter", waitingFor: "approval" });
  expect(
    JSON.parse(await stack.readSandboxFile(waiting.sandboxId ?? "", "/workspace/opencode.json")),
  ).toMatchObject({
    enabled_providers: ["openrouter"],
  });

  models.accepted.delete(ROUTER);
  await api.decide(runId, second.approval_key, "approved");
  await refused(id);
  expect(await payer(id)).toMatchObject({ keySource: "openrouter", next: "platform" });
  expect((await change(id, "platform")).status).toBe(202);
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  expect(run.output).toContain("all done");

  // Each call was made once, though the agent was started three times.
  const files = await stack.runInSandbox(waiting.sandboxId ?? "", "cd /workspace; cat one.txt count.txt");
  expect(files).toBe("one\nx\ny\n");
  const events = await api.events(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(typed(events, "tool.completed")).toHaveLength(3);
  expect(typed(events, "approval.requested")).toHaveLength(3);
  expect(typed(events, "agent.restarted")).toHaveLength(2);
  expect(typed(events, "session.payer_changed").map(({ payload }) => payload.key_source)).toEqual([
    "openrouter",
    "platform",
  ]);
  const after = await api.session(id);
  expect(after).toMatchObject({ status: "idle", keySource: "platform", waitingFor: null, waitDetail: null });
  expect(after.totalCreditsConsumed).toBeGreaterThan(0);
  expect(after.totalCreditsConsumed).toBeLessThan(after.totalCostMicroUsd);
  expect(models.seen.at(-1)).toBe(PLATFORM);
  expect(await change(id, "direct")).toMatchObject({ status: 409, body: { code: "not_waiting" } });
  await api.stop(id);
});

test("a key that is replaced while the run waits: it goes on by itself, and the payer stays", async () => {
  models.accepted.add(DIRECT);
  await putKey("anthropic", DIRECT);
  const { id } = await open();
  models.accepted.delete(DIRECT);
  const runId = await api.send(id, "list files");
  await refused(id);
  await putKey("anthropic", REPLACED);
  expect(await api.finish(runId)).toMatchObject({ status: "completed" });
  expect(await api.session(id)).toMatchObject({ keySource: "direct", waitingFor: null });
  expect(models.seen.at(-1)).toBe(REPLACED);
  await api.stop(id);
});

test("a run that waits for a payer can be stopped, and the session stays", async () => {
  const { id } = await open();
  models.accepted.delete(REPLACED);
  const runId = await api.send(id, "list files");
  await refused(id);
  expect((await api.call("POST", `/api/studio/sessions/${id}/cancel`, {})).status).toBe(202);
  expect(await api.finish(runId)).toMatchObject({ status: "cancelled" });
  expect(await api.session(id)).toMatchObject({ status: "idle", waitingFor: null, waitDetail: null });
  await api.stop(id);
});
