import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { modelsResponse } from "#contracts/account.ts";
import { DEFAULT_SETTINGS } from "#domain/settings.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
/** The settings that a server must have: the example's. */
const REQUIRED = parseEnv(
  fs.readFileSync(path.resolve(import.meta.dirname, "../../../.env.example"), "utf8"),
) as Record<string, string>;
const PROVIDER_SETTINGS =
  /^(DEMO_MODEL_URL|(XAI|ANTHROPIC|OPENAI|GOOGLE|GOOGLE_GENERATIVE_AI|OPENROUTER)_(API_KEY|BASE_URL))$/;

beforeEach(() => {
  vi.resetModules();
  for (const name of Object.keys(process.env)) if (PROVIDER_SETTINGS.test(name)) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

/** The modules as a server has them that was started with these settings. */
async function server(settings: Record<string, string>) {
  for (const [name, value] of Object.entries({ ...REQUIRED, ...settings })) vi.stubEnv(name, value);
  const { availableProviders, offeredModels } = await import("#server/catalog.ts");
  const { upstreamOf } = await import("#server/keys/upstream.ts");
  return { availableProviders, offeredModels, upstreamOf };
}
/** An organization with credits and no key of its own. */
const MEANS = { keys: [], creditsMicroUsd: 1, settings: DEFAULT_SETTINGS };
const DEMO = { DEMO_MODEL_URL: "http://demo.test/" };

describe("what is offered", () => {
  test.each<[string, Record<string, string>, string[]]>([
    ["nothing without any key", {}, []],
    ["the demo model by its address", DEMO, ["demo"]],
    ["a provider by its key", { ...DEMO, ANTHROPIC_API_KEY: "k" }, ["anthropic", "demo"]],
    ["an empty key is none", { XAI_API_KEY: "" }, []],
    ["all four by OpenRouter's key", { OPENROUTER_API_KEY: "k" }, ["xai", "anthropic", "openai", "google"]],
  ])("%s", async (_, settings, ids) => {
    const { offeredModels } = await server(settings);
    const models = offeredModels(MEANS, NOW);
    expect(models.providers.map(({ id }) => id)).toEqual(ids);
    expect(modelsResponse.parse(models)).toEqual(models);
  });

  test.each([
    [
      { XAI_API_KEY: "k", ...DEMO },
      { provider: "xai", model: "grok-4.3" },
    ],
    [
      { GOOGLE_GENERATIVE_AI_API_KEY: "k", ...DEMO },
      { provider: "google", model: "gemini-3.5-flash-lite" },
    ],
    [DEMO, { provider: "demo", model: "demo" }],
    [{}, null],
  ])("with %o the default is %o", async (settings, wanted) => {
    const { offeredModels } = await server(settings);
    expect(offeredModels(MEANS, NOW).default).toEqual(
      wanted && { notice: expect.toSatisfy((n) => n === null || /retired/.test(n)), ...wanted },
    );
  });

  const key = (provider: string, status: "active" | "error" = "active") => ({
    provider,
    name: provider,
    status,
    models: null,
  });
  const platform = { XAI_API_KEY: "k", ANTHROPIC_API_KEY: "k" };
  test.each([
    ["the catalog's, in place of a retired one", [], null, "xai/grok-4.3", true],
    ["what the organization has set", [], "anthropic/claude-opus-4-6", "anthropic/claude-opus-4-6", false],
    ["what took the place of what it has set", [], "xai/grok-4-1-fast", "xai/grok-4.3", true],
    [
      "the only provider that it has a key for",
      [key("anthropic")],
      null,
      "anthropic/claude-haiku-4-5",
      false,
    ],
    ["what it has set, before that", [key("anthropic")], "xai/grok-4.3", "xai/grok-4.3", false],
    ["no provider whose key was refused", [key("google", "error")], null, "xai/grok-4.3", true],
    ["the catalog's, with more keys than one", [key("google"), key("anthropic")], null, "xai/grok-4.3", true],
    ["the catalog's, with OpenRouter's key for all", [key("openrouter")], null, "xai/grok-4.3", true],
    ["the catalog's, where what is set is not to be had", [], "openai/gpt-5.6-sol", "xai/grok-4.3", true],
  ] as const)("the default is %s", async (_, keys, wish, wanted, replaced) => {
    const { offeredModels } = await server(platform);
    const [provider = "", model = ""] = wish?.split("/") ?? [];
    const settings = { ...DEFAULT_SETTINGS, default_model: wish === null ? null : { provider, model } };
    const found = offeredModels({ ...MEANS, keys: [...keys], settings }, NOW).default;
    expect(`${found?.provider}/${found?.model}`).toBe(wanted);
    expect(found?.notice ?? "").toMatch(replaced ? /has retired/ : /^$/);
  });

  test("retired models are shown with their replacement, and are not available", async () => {
    const { offeredModels } = await server({ OPENAI_API_KEY: "k" });
    const models = offeredModels(MEANS, NOW).providers[0]?.models;
    const line = (id: string) => models?.find((model) => model.id === id);
    expect(line("o4-mini")).toMatchObject({
      status: "retired",
      available: false,
      shutdownAt: "2026-10-23",
      replacement: "gpt-5.6-terra",
    });
    expect(line("gpt-5")).toMatchObject({ status: "deprecated", available: true });
    expect(line("gpt-5.6-sol")).toMatchObject({
      status: "active",
      available: true,
      replacement: null,
      longContext: { aboveTokens: 272_000, priceInMicroUsd: 8_000_000 },
    });
  });
});

describe("where a session's calls go", () => {
  const platform = { keySource: "platform" as const, organizationId: "none" as Id<"organizations"> };

  test("to the provider with the platform's key of it, else to OpenRouter", async () => {
    const both = { XAI_API_KEY: "x-key", OPENROUTER_API_KEY: "or-key" };
    const session = { provider: "xai", model: "grok-4.3", ...platform };
    const { upstreamOf } = await server(both);
    expect(await upstreamOf(session)).toMatchObject({
      route: "xai",
      endpoints: { "openai-responses": "https://api.x.ai/v1", "openai-chat": "https://api.x.ai/v1" },
      key: "x-key",
      modelId: "grok-4.3",
    });
    expect(await upstreamOf(session, "openrouter")).toMatchObject({
      route: "openrouter",
      endpoints: { "openai-chat": "https://openrouter.ai/api/v1" },
      key: "or-key",
      modelId: "x-ai/grok-4.3",
    });
    const claude = { provider: "anthropic", model: "claude-haiku-4-5", ...platform };
    expect(await upstreamOf(claude)).toMatchObject({
      route: "openrouter",
      modelId: "anthropic/claude-haiku-4.5",
    });
    expect(await upstreamOf(claude, "anthropic")).toBeNull();
  });

  test("by the provider's own name of the model, at the address that the operator gives", async () => {
    const { upstreamOf } = await server({
      GOOGLE_GENERATIVE_AI_API_KEY: "g",
      GOOGLE_BASE_URL: "http://g.test/v1beta/",
      ...DEMO,
    });
    expect(await upstreamOf({ provider: "google", model: "gemini-3-pro", ...platform })).toMatchObject({
      endpoints: { google: "http://g.test/v1beta" },
      modelId: "gemini-3-pro-preview",
    });
    expect(await upstreamOf({ provider: "demo", model: "demo", ...platform })).toMatchObject({
      key: null,
      endpoints: { "openai-chat": "http://demo.test/v1", google: "http://demo.test/v1beta" },
    });
  });

  test("nowhere without a key, or for what the catalog lacks", async () => {
    const { upstreamOf } = await server({ OPENROUTER_API_KEY: "k" });
    for (const session of [
      { provider: "demo", model: "demo", ...platform },
      { provider: "xai", model: "grok-99", ...platform },
      { provider: "openrouter", model: "grok-4.3", ...platform },
      { provider: "constructor", model: "x", ...platform },
    ])
      expect(await upstreamOf(session)).toBeNull();
  });
});
