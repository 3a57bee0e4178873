import { expect, test } from "vitest";
import type { PinnedAgent } from "#domain/agent.ts";
import { findModel } from "#domain/catalog.ts";
import { asWritten, configText } from "#server/sandbox-start/config-text.ts";
import { openCodeConfig } from "#server/sandbox-start/opencode-config.ts";
import { AGENT } from "../../convex/things.ts";

const PINNED: PinnedAgent = {
  agentId: "a",
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  ...AGENT,
  temperature: 0.3,
  maxTokens: 1_000,
};

function configOf(provider: string, id: string, pinned: PinnedAgent | null) {
  const { model, provider: found } = findModel(provider, id)!;
  const upstream = { route: provider, name: found.name, modelId: model.apiId, model };
  const { config } = openCodeConfig(upstream, { kind: "gateway", url: "http://s" }, pinned);
  const [own] = Object.values(config.provider as Record<string, { models: Record<string, object> }>);
  return { config, model: Object.values(own!.models)[0] };
}

test("a session without an agent is set up as before", () => {
  const { config, model } = configOf("demo", "demo", null);
  expect(config).not.toHaveProperty("agent");
  expect(model).not.toHaveProperty("temperature");
});

test("what an agent is told to be is OpenCode's own agent's", () => {
  const { config, model } = configOf("demo", "demo", PINNED);
  expect(config.agent).toEqual({ build: { prompt: "You review.", temperature: 0.3 } });
  expect(config.permission).toMatchObject({ edit: "ask", bash: "ask", webfetch: "allow" });
  expect(model).toMatchObject({ limit: { output: 1_000 }, temperature: true });
});

test("without a prompt OpenCode keeps its own, and a limit is never more than the model's", () => {
  const { config, model } = configOf("demo", "demo", { ...PINNED, systemPrompt: " ", maxTokens: 10_000_000 });
  expect(config.agent).toEqual({ build: { temperature: 0.3 } });
  expect(model).toMatchObject({ limit: { output: findModel("demo", "demo")!.model.outputTokens } });
});

test.each(["anthropic", "openai"])(
  "which models of %s take a temperature is OpenCode's to know",
  (provider) => {
    const [id] = { anthropic: ["claude-sonnet-4-6"], openai: ["gpt-4.1"] }[provider]!;
    expect(configOf(provider, id!, PINNED).model).not.toHaveProperty("temperature");
  },
);

test("an agent that only reads is denied what changes, executes or goes to the web", () => {
  const { config } = configOf("demo", "demo", { ...PINNED, toolsMode: "sandboxed" });
  const { permission } = config as { permission: Record<string, unknown> };
  const denied = Object.keys(permission).filter((name) => permission[name] === "deny");
  expect(denied.toSorted()).toEqual(["bash", "edit", "task", "webfetch", "websearch"]);
  expect(permission).toMatchObject({ read: { "*": "allow" }, grep: "allow" });
});

test.each(["{env:HOME} {file:/etc/passwd} {{x}}", "a\u{E000}b", String.raw`\u007b and "quotes"`, "{"])(
  "the words %j reach OpenCode as they stand, and none of them is looked up",
  (words) => {
    for (const indent of [undefined, 2]) {
      const text = configText({ prompt: asWritten(words), key: "{env:KEY}" }, indent);
      expect(text.match(/\{(env|file):/g)).toEqual(["{env:"]);
      expect(JSON.parse(text)).toEqual({ prompt: words.replaceAll("\u{E000}", ""), key: "{env:KEY}" });
    }
  },
);

test("a free tool that a rule may hold back asks, and one that is denied stays denied", () => {
  const { model, provider } = findModel("demo", "demo")!;
  const upstream = { route: "demo", name: provider.name, modelId: model.apiId, model };
  const permissionOf = (pinned: PinnedAgent | null, held: string[]) =>
    openCodeConfig(upstream, { kind: "gateway", url: "http://s" }, pinned, [], held).config.permission;
  const free = { webfetch: "allow", websearch: "allow", grep: "allow" };
  expect(permissionOf(null, [])).toMatchObject(free);
  expect(permissionOf(null, ["webfetch", "read"])).toMatchObject({ ...free, webfetch: "ask", read: "ask" });
  expect(permissionOf({ ...PINNED, toolsMode: "sandboxed" }, ["webfetch"])).toMatchObject({
    webfetch: "deny",
  });
});
