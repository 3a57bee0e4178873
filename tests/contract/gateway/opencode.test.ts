import fs from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findModel, unlistedModel } from "#domain/catalog.ts";
import { compatibleUpstream, type Upstream, upstreamOf } from "#server/keys/upstream.ts";
import { type AgentAccess, openCodeConfig } from "#server/sandbox-start/opencode-config.ts";
import { startWithConfig } from "../demo-model/opencode.ts";
import { type DemoModel, startDemoModel } from "../demo-model/process.ts";
import { type GatewayServer, startGateway } from "./studio.ts";

let demo: DemoModel;
let studio: GatewayServer;

beforeAll(async () => {
  demo = await startDemoModel();
  studio = await startGateway({
    DEMO_MODEL_URL: demo.url,
    XAI_API_KEY: "k",
    XAI_BASE_URL: `${demo.url}/v1`,
    ANTHROPIC_API_KEY: "k",
    ANTHROPIC_BASE_URL: `${demo.url}/v1`,
    OPENAI_API_KEY: "k",
    OPENAI_BASE_URL: `${demo.url}/v1`,
    GOOGLE_GENERATIVE_AI_API_KEY: "k",
    GOOGLE_BASE_URL: `${demo.url}/v1beta`,
    OPENROUTER_API_KEY: "k",
    OPENROUTER_BASE_URL: `${demo.url}/v1`,
  });
});
afterAll(async () => {
  await studio?.stop();
  await demo?.stop();
});

/** Has the agent write a file by the model's word, which takes two calls and a tool, and read its last words. */
async function work(
  upstream: Pick<Upstream, "route" | "name" | "modelId" | "model">,
  access: AgentAccess,
  key: string,
) {
  const setup = openCodeConfig(upstream, access);
  const agent = await startWithConfig({
    config: setup.config,
    env: { [setup.keyVariable]: key, OPENCODE_EXPERIMENTAL_OUTPUT_TOKEN_MAX: "32768" },
    decision: "once",
  });
  try {
    expect(agent.model).toBe(setup.model);
    // With GPT-5 and later the agent has a tool for patches instead of one for whole files, which the demo model lacks.
    const byCommand = upstream.modelId.startsWith("gpt-5");
    const { text, stopReason } = await agent.prompt(
      byCommand ? "run `echo hi there > hello.txt`" : "create a file hello.txt containing hi there",
    );
    expect(text).toMatch(byCommand ? /Done: I ran/ : /Done: I wrote hello\.txt/);
    expect(stopReason).toBe("end_turn");
    expect(await fs.readFile(path.join(agent.workspace, "hello.txt"), "utf8")).toBe("hi there\n");
  } finally {
    await agent.stop();
  }
}

describe("the real agent, through the gateway", () => {
  test.each([
    ["demo", "demo", undefined],
    ["xai", "grok-4.3", undefined],
    ["anthropic", "claude-sonnet-4-6", undefined],
    ["openai", "gpt-4.1", undefined],
    ["openai", "gpt-5.6-terra", undefined],
    ["google", "gemini-3.8-flash", undefined],
    ["xai", "grok-4.3", "openrouter"],
    ["anthropic", "claude-haiku-4-5", "openrouter"],
  ])("%s/%s writes a file and ends its turn, and is counted", async (provider, model, route) => {
    const session = await studio.openSession({ provider, model });
    const upstream = await upstreamOf(
      { provider, model, keySource: "platform", organizationId: "none" },
      route,
    );
    await work(upstream!, { kind: "gateway", url: studio.url }, session.token);
    const totals = await session.totals();
    expect(totals.input).toBeGreaterThan(100);
    expect(totals.output).toBeGreaterThan(10);
    expect(totals.costMicroUsd).toBeGreaterThan(0);
    // Two calls for the prompt, and one for the title where the agent has made it by now.
    expect((await session.events("usage.recorded")).length).toBeGreaterThanOrEqual(2);
    expect(await session.events("llm.response.error")).toEqual([]);
  });
});

describe("the real agent, with a raw key", () => {
  test.each([
    ["xai", "grok-4-1-fast", "v1"],
    ["anthropic", "claude-sonnet-4", "v1"],
    ["openai", "gpt-4.1", "v1"],
    ["google", "gemini-2.5-flash", "v1beta"],
  ])("%s/%s writes a file and ends its turn", async (provider, id, version) => {
    const { model, provider: found } = findModel(provider, id)!;
    const upstream = { route: provider, name: found.name, modelId: model.apiId, model };
    await work(upstream, { kind: "raw", baseUrl: `${demo.url}/${version}` }, "raw-key");
  });

  test("an endpoint of one's own writes a file and ends its turn", async () => {
    const model = unlistedModel("acme", {
      id: "org/m-1",
      name: "M",
      contextTokens: 64_000,
      outputTokens: 8_000,
    });
    const upstream = compatibleUpstream({
      route: "compatible:acme",
      name: "Acme",
      baseUrl: `${demo.url}/v1/`,
      key: null,
      model,
    });
    await work(upstream, { kind: "raw", baseUrl: upstream.endpoints["openai-chat"]! }, "raw-key");
  });
});

describe("the demo model through the gateway", () => {
  const messages = [{ role: "user", content: "hello" }];
  test.each<[string, string, object]>([
    ["Chat Completions", "v1/chat/completions", { model: "demo", messages }],
    ["Responses", "v1/responses", { model: "demo", input: "hello" }],
    ["Anthropic Messages", "v1/messages", { model: "demo", max_tokens: 100, messages }],
    [
      "Google generateContent",
      "v1beta/models/demo:generateContent",
      { contents: [{ role: "user", parts: [{ text: "hello" }] }] },
    ],
  ])("answers in %s, and is counted", async (_, target, body) => {
    const session = await studio.openSession({ provider: "demo", model: "demo" });
    const answer = await fetch(`${studio.url}/api/gateway/demo/${target}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": session.token },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("demo model");
    const totals = await session.totals();
    expect(totals.input).toBeGreaterThan(0);
    expect(totals.output).toBeGreaterThan(0);
  });
});
