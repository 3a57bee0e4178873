import { once } from "node:events";
import fs from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { PinnedAgent } from "#domain/agent.ts";
import { unlistedModel } from "#domain/catalog.ts";
import { configText } from "#server/sandbox-start/config-text.ts";
import { openCodeConfig } from "#server/sandbox-start/opencode-config.ts";
import { skillParts } from "#server/agent/wire.ts";
import { injectedSkill, skillMarkdown } from "#domain/skills.ts";
import { startWithConfig } from "../demo-model/opencode.ts";
import { type DemoModel, startDemoModel } from "../demo-model/process.ts";

/** What of a request to the model tells what its agent was told. */
interface ModelCall {
  messages: { role: string; content: unknown }[];
  temperature?: number;
  max_tokens?: number;
  tools?: { function: { name: string } }[];
}

let demo: DemoModel;
let recorder: http.Server;
const calls: ModelCall[] = [];

beforeAll(async () => {
  demo = await startDemoModel();
  recorder = http.createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (request.method === "POST") calls.push(JSON.parse(body) as ModelCall);
      const passed = await fetch(`${demo.url}${request.url}`, {
        method: request.method ?? "GET",
        headers: { "content-type": "application/json", authorization: "Bearer k" },
        ...(request.method === "POST" && { body }),
      });
      response.writeHead(passed.status, {
        "content-type": passed.headers.get("content-type") ?? "text/plain",
      });
      response.end(await passed.text());
    })();
  });
  recorder.listen(0, "127.0.0.1");
  await once(recorder, "listening");
});
afterAll(async () => {
  recorder?.closeAllConnections();
  recorder?.close();
  await demo?.stop();
});

const MODEL = unlistedModel("compatible:acme", {
  id: "demo",
  name: "Demo",
  contextTokens: 64_000,
  outputTokens: 8_000,
});
const upstream = { route: "compatible:acme", name: "Acme", modelId: "demo", model: MODEL };
const PROMPT = 'You are the reviewer "Zed". Leave {env:HOME} and {file:/etc/hostname} as they stand.';

/** What the model is asked by the real OpenCode for one message, its title apart. */
async function asked(
  pinned: PinnedAgent | null,
  skills: { paths?: string[]; texts?: string[] } = {},
): Promise<{ call: ModelCall; system: string; tools: string[] }> {
  const { port } = recorder.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const setup = openCodeConfig(upstream, { kind: "raw", baseUrl }, pinned);
  calls.length = 0;
  const agent = await startWithConfig({
    config: {},
    env: {
      [setup.keyVariable]: "k",
      OPENCODE_EXPERIMENTAL_OUTPUT_TOKEN_MAX: "32768",
      OPENCODE_CONFIG_CONTENT: configText({
        ...setup.config,
        ...(skills.paths && { skills: { paths: skills.paths } }),
      }),
    },
    decision: "once",
  });
  try {
    await agent.prompt("```demo\nsay hi\n```", skillParts(skills.texts));
  } finally {
    await agent.stop();
  }
  const call = calls.find(({ tools }) => tools !== undefined && tools.length > 0)!;
  const system = call.messages
    .filter(({ role }) => role === "system")
    .map(({ content }) => JSON.stringify(content))
    .join("\n");
  return { call, system, tools: call.tools!.map((tool) => tool.function.name).toSorted() };
}

const PINNED: PinnedAgent = {
  agentId: "a",
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  name: "Reviewer",
  description: "",
  provider: "compatible:acme",
  model: "demo",
  systemPrompt: PROMPT,
  temperature: 0.25,
  maxTokens: 1_234,
  toolsMode: "sandboxed",
  mcpServers: [],
  skills: null,
  variables: null,
  repository: null,
};

test("a model is asked as its agent is told: prompt, temperature, limit and tools", async () => {
  const plain = await asked(null);
  expect(plain.system).not.toContain("Zed");
  expect(plain.call.temperature).toBeUndefined();
  expect(plain.call.max_tokens).toBe(8_000);
  expect(plain.tools).toEqual(expect.arrayContaining(["bash", "edit", "read", "task", "write"]));

  const told = await asked(PINNED);
  expect(told.system).toContain(JSON.stringify(PROMPT).slice(1, -1));
  expect(told.call).toMatchObject({ temperature: 0.25, max_tokens: 1_234 });
  expect(told.tools).toEqual(expect.arrayContaining(["glob", "grep", "read"]));
  for (const tool of ["bash", "edit", "write", "task", "webfetch"]) expect(told.tools).not.toContain(tool);
});

test("a skill that a message names is in the model's request, and those of the roots are offered", async () => {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), "skills-"));
  onTestFinished(async () => await fs.rm(root, { recursive: true, force: true }));
  const skill = {
    name: "article_writer2",
    description: 'Use when "writing": {env:HOME}.',
    title: "Article writer",
    envVars: ["PRESS_TOKEN"],
    body: "# Output structure\n- Title {env:HOME}\n- `bullet` points",
    extra: '{"license":"MIT"}',
  };
  await fs.mkdir(path.join(root, skill.name));
  await fs.writeFile(path.join(root, skill.name, "SKILL.md"), skillMarkdown(skill));
  const injected = injectedSkill({ ...skill, folder: `/workspace/${skill.name}` });
  const { call, system, tools } = await asked(null, { paths: [root], texts: [injected] });
  const users = call.messages
    .filter(({ role }) => role === "user")
    .map(({ content }) => JSON.stringify(content));
  const last = users.at(-1)!;
  expect(last).toContain(JSON.stringify(injected).slice(1, -1));
  expect(last.indexOf("skill_content")).toBeLessThan(last.indexOf("say hi"));
  expect(tools).toContain("skill");
  // By its description the model finds it by itself.
  const offered = `${system}${JSON.stringify(call.tools)}`;
  expect(offered).toContain("article_writer2");
  expect(offered).toContain(String.raw`Use when \"writing\": {env:HOME}.`);
});
