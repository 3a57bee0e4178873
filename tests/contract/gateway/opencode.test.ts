import fs from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findModel, unlistedModel } from "#domain/catalog.ts";
import { compatibleUpstream, type Upstream, upstreamOf } from "#server/keys/upstream.ts";
import { type AgentAccess, openCodeConfig } from "#server/sandbox-start/opencode-config.ts";
import { type AgentProcess, startProcess } from "../demo-model/opencode.ts";
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
  for (const agents of started) await agents.stop();
  await studio?.stop();
  await demo?.stop();
});

const started: AgentProcess[] = [];

/** A process with keys in its environment, started once it is wanted: a start is what takes long. */
function processWith(keys: Record<string, string>): () => Promise<AgentProcess> {
  let starting: Promise<AgentProcess> | undefined;
  const start = async () => {
    const agents = await startProcess({ ...keys, OPENCODE_EXPERIMENTAL_OUTPUT_TOKEN_MAX: "32768" });
    started.push(agents);
    return agents;
  };
  return async () => await (starting ??= start());
}

type Model = Pick<Upstream, "route" | "name" | "modelId" | "model">;

/** Has the agent write a file by the model's word, which takes two calls and a tool, and read its last words. */
async function work(agents: AgentProcess, upstream: Model, access: AgentAccess) {
  const setup = openCodeConfig(upstream, access);
  const agent = await agents.open(setup.config, "once");
  expect(agent.model).toBe(setup.model);
  // With GPT-5 and later the agent has a tool for patches instead of one for whole files, which the demo model lacks.
  const byCommand = upstream.modelId.startsWith("gpt-5");
  const { text, stopReason } = await agent.prompt(
    byCommand ? "run `echo hi there > hello.txt`" : "create a file hello.txt containing hi there",
  );
  expect(text).toMatch(byCommand ? /Done: I ran/ : /Done: I wrote hello\.txt/);
  expect(stopReason).toBe("end_turn");
  expect(await fs.readFile(path.join(agent.workspace, "hello.txt"), "utf8")).toBe("hi there\n");
}

describe("the real agent, through the gateway", () => {
  const CASES: [string, string, string | undefined][] = [
    ["demo", "demo", undefined],
    ["xai", "grok-4.3", undefined],
    ["anthropic", "claude-sonnet-4-6", undefined],
    ["openai", "gpt-4.1", undefined],
    ["openai", "gpt-5.6-terra", undefined],
    ["google", "gemini-3.8-flash", undefined],
    ["xai", "grok-4.3", "openrouter"],
    ["anthropic", "claude-haiku-4-5", "openrouter"],
  ];
  const cases: {
    upstream: Model;
    session: Awaited<ReturnType<GatewayServer["openSession"]>>;
    agents: () => Promise<AgentProcess>;
  }[] = [];
  beforeAll(async () => {
    // Each process has as many keys as differ by name.
    const groups: { keys: Record<string, string>; agents: () => Promise<AgentProcess> }[] = [];
    for (const [provider, model, route] of CASES) {
      const session = await studio.openSession({ provider, model });
      const given = { provider, model, keySource: "platform" as const, organizationId: "none" };
      const upstream = (await upstreamOf(given, route))!;
      const { keyVariable } = openCodeConfig(upstream, { kind: "gateway", url: studio.url });
      let group = groups.find(({ keys }) => !(keyVariable in keys));
      if (!group) {
        const keys = {};
        groups.push((group = { keys, agents: processWith(keys) }));
      }
      group.keys[keyVariable] = session.token;
      cases.push({ upstream, session, agents: group.agents });
    }
  });

  test.each(CASES.map(([provider, model, route], index) => ({ provider, model, route, index })))(
    "$provider/$model, by way of $route, writes a file and ends its turn, and is counted",
    async ({ index }) => {
      const { upstream, session, agents } = cases[index]!;
      await work(await agents(), upstream, { kind: "gateway", url: studio.url });
      const totals = await session.totals();
      expect(totals.input).toBeGreaterThan(100);
      expect(totals.output).toBeGreaterThan(10);
      expect(totals.costMicroUsd).toBeGreaterThan(0);
      // Two calls for the prompt, and one for the title where the agent has made it by now.
      expect((await session.events("usage.recorded")).length).toBeGreaterThanOrEqual(2);
      expect(await session.events("llm.response.error")).toEqual([]);
    },
  );
});

describe("the real agent, with a raw key", () => {
  const names = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY", "MODEL_API_KEY"];
  const agents = processWith(Object.fromEntries(names.map((name) => [name, "raw-key"])));

  test.each([
    ["xai", "grok-4-1-fast", "v1"],
    ["anthropic", "claude-sonnet-4", "v1"],
    ["openai", "gpt-4.1", "v1"],
    ["google", "gemini-2.5-flash", "v1beta"],
  ])("%s/%s writes a file and ends its turn", async (provider, id, version) => {
    const { model, provider: found } = findModel(provider, id)!;
    const upstream = { route: provider, name: found.name, modelId: model.apiId, model };
    await work(await agents(), upstream, { kind: "raw", baseUrl: `${demo.url}/${version}` });
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
    await work(await agents(), upstream, { kind: "raw", baseUrl: upstream.endpoints["openai-chat"]! });
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
