import { afterAll, expect, test, vi } from "vitest";
import { modelsResponse } from "#contracts/account.ts";
import type { Session } from "#domain/session.ts";
import { startDemoModel } from "../contract/demo-model/process.ts";
import { startStudio } from "#tests/studio.ts";

/** Every provider's platform key is set, and each provider's address is the demo model's, which speaks all formats. */

const provider = await startDemoModel();
for (const name of ["XAI", "ANTHROPIC", "OPENAI", "OPENROUTER"]) {
  vi.stubEnv(`${name}_API_KEY`, `real-${name}-key`);
  vi.stubEnv(`${name}_BASE_URL`, `${provider.url}/v1`);
}
// Where real platform keys are set, nobody is given credits unless the operator says so.
vi.stubEnv("STUDIO_WELCOME_MICRO_USD", "5000000");
vi.stubEnv("GOOGLE_GENERATIVE_AI_API_KEY", "real-GOOGLE-key");
vi.stubEnv("GOOGLE_BASE_URL", `${provider.url}/v1beta`);
const { api } = await startStudio();
afterAll(async () => {
  vi.unstubAllEnvs();
  await provider?.stop();
});

test("the models are offered with their status, and a default that answers", async () => {
  const models = modelsResponse.parse((await api.call("GET", "/api/studio/models")).body);
  expect(models.providers.map(({ id }) => id)).toEqual(["xai", "anthropic", "openai", "google", "demo"]);
  expect(models.default).toEqual({
    provider: "xai",
    model: "grok-4.3",
    notice: expect.stringContaining("has retired Grok 4.1 Fast"),
  });
});

test.each([
  ["xai", "grok-4-1-fast", "grok-4.3"],
  ["anthropic", "anthropic/claude-sonnet-4-6", "claude-sonnet-4-6"],
  ["openai", "gpt-5.6-sol", "gpt-5.6-sol"],
  ["google", "gemini-3-pro", "gemini-3.1-pro-preview"],
])("a session on %s, asked for as %s, works on %s in its sandbox", async (id, asked, model) => {
  const made = await api.call<{ session: Session }>("POST", "/api/studio/sessions?wait=true", {
    environment: "development",
    provider: id,
    model: asked,
  });
  expect(made.body).toMatchObject({ session: { status: "ready", provider: id, model } });
  const { session } = made.body;
  const runId = await api.send(
    session.id,
    "run `env | sort > env.txt; cat opencode.json >> env.txt; wc -l env.txt`",
  );
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  const after = await api.session(session.id);
  expect(after.totalInputTokens).toBeGreaterThan(100);
  expect(after.totalCostMicroUsd).toBeGreaterThan(0);
  const readId = await api.send(session.id, "read file env.txt");
  await api.finish(readId);
  const events = JSON.stringify(await api.events(session.id));
  expect(events).toContain("OPENCODE_EXPERIMENTAL_OUTPUT_TOKEN_MAX=32768");
  expect(events).not.toMatch(/real-[A-Z]+-key/);
  expect(await api.stop(session.id)).toBeLessThan(300);
});
