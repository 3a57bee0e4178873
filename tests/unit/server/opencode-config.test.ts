import { expect, test } from "vitest";
import { CATALOG, findModel, unlistedModel } from "#domain/catalog.ts";
import { type AgentUpstream, openCodeConfig } from "#server/sandbox-start/opencode-config.ts";
import { sandboxVariables } from "#server/sandbox-start/variables.ts";

function upstream(provider: string, id: string, overrides: Partial<AgentUpstream> = {}): AgentUpstream {
  const found = findModel(provider, id)!;
  return {
    route: provider,
    name: found.provider.name,
    modelId: found.model.apiId,
    model: found.model,
    ...overrides,
  };
}

/** The four documented shapes, each with the permission and the instructions that all have. */
const DOCUMENTED = {
  xai: {
    provider: {
      openai: {
        options: { baseURL: "https://api.x.ai/v1" },
        models: { "grok-4-1-fast": { name: "grok-4-1-fast" } },
      },
    },
    model: "openai/grok-4-1-fast",
  },
  anthropic: {
    provider: { anthropic: { models: { "claude-sonnet-4": { name: "claude-sonnet-4" } } } },
    model: "anthropic/claude-sonnet-4",
  },
  openai: { provider: { openai: { models: { "gpt-4.1": { name: "gpt-4.1" } } } }, model: "openai/gpt-4.1" },
  google: {
    provider: { google: { models: { "gemini-2.5-flash": { name: "gemini-2.5-flash" } } } },
    model: "google/gemini-2.5-flash",
  },
};

const shapes = Object.entries(DOCUMENTED).map(
  ([provider, shape]) => [provider, shape.model.split("/")[1]!, shape] as const,
);

test.each(shapes)("%s with a raw key has the documented shape of %s", (provider, id, shape) => {
  const { config, model } = openCodeConfig(upstream(provider, id), { kind: "raw" });
  expect(model).toBe(shape.model);
  expect(config).toMatchObject({
    ...shape,
    instructions: ["CLAUDE.md"],
    permission: { webfetch: "allow", websearch: "allow" },
  });
  const [own] = Object.values(config.provider as Record<string, object>);
  expect(Object.keys(own!)).toEqual(provider === "xai" ? ["options", "models"] : ["models"]);
});

test.each(shapes)(
  "%s through the gateway has the same shape, at the gateway's address",
  (provider, id, shape) => {
    const { config } = openCodeConfig(upstream(provider, id), {
      kind: "gateway",
      url: "http://studio:3000/",
    });
    const [name, documented] = Object.entries(shape.provider)[0]!;
    const version = provider === "google" ? "v1beta" : "v1";
    expect(config).toMatchObject({
      ...shape,
      provider: {
        [name]: {
          ...documented,
          options: { baseURL: `http://studio:3000/api/gateway/${provider}/${version}` },
        },
      },
    });
  },
);

const ways = CATALOG.flatMap(({ id: provider, models }) =>
  models.flatMap((model) => [
    upstream(provider, model.id),
    ...(model.openrouterId
      ? [
          upstream(provider, model.id, {
            route: "openrouter",
            name: "OpenRouter",
            modelId: model.openrouterId,
          }),
        ]
      : []),
  ]),
);

test.each(ways.map((way) => [way.route, way.modelId, way] as const))(
  "through the gateway %s declares %s whole",
  (route, modelId, way) => {
    const { config, model, keyVariable } = openCodeConfig(way, { kind: "gateway", url: "http://s" });
    const [provider, ...rest] = model.split("/");
    const name = rest.join("/");
    const declared = (config.provider as Record<string, { models: Record<string, object> }>)[provider!];
    expect(config).toMatchObject({ model, small_model: model, enabled_providers: [provider] });
    expect(declared?.models[name]).toMatchObject({
      limit: { context: way.model.contextTokens, output: way.model.outputTokens },
      cost: { input: way.model.priceInMicroUsd / 1e6, output: way.model.priceOutMicroUsd / 1e6 },
      ...(name !== modelId && { id: modelId }),
    });
    expect(JSON.stringify(declared)).toContain(`http://s/api/gateway/${route}/v1`);
    expect(keyVariable).toMatch(/^[A-Z_]+$/);
  },
);

test("a model of OpenRouter has OpenRouter's name", () => {
  const way = upstream("xai", "grok-4.3", { route: "openrouter", modelId: "x-ai/grok-4.3" });
  expect(openCodeConfig(way, { kind: "gateway", url: "http://s" })).toMatchObject({
    model: "openrouter/x-ai/grok-4.3",
    keyVariable: "OPENROUTER_API_KEY",
  });
});

test("an endpoint of one's own is spoken to as OpenAI-compatible, with the key from the environment", () => {
  const model = unlistedModel("acme", { id: "m-1", name: "M", contextTokens: 8_000, outputTokens: 1_000 });
  const way = { route: "compatible:acme", name: "Acme", modelId: "m-1", model };
  expect(openCodeConfig(way, { kind: "raw", baseUrl: "https://llm.acme.example/v1" })).toMatchObject({
    model: "compatible-acme/m-1",
    keyVariable: "MODEL_API_KEY",
    config: {
      provider: {
        "compatible-acme": {
          npm: "@ai-sdk/openai-compatible",
          name: "Acme",
          options: { baseURL: "https://llm.acme.example/v1", apiKey: "{env:MODEL_API_KEY}" },
        },
      },
    },
  });
  expect(() => openCodeConfig(way, { kind: "raw" })).toThrow("no address");
});

test("a sandbox has the selected provider's variable alone, and those that all have", () => {
  const addresses = { convexUrl: "http://c", convexSiteUrl: "http://cs", syncKey: "sync" };
  for (const provider of CATALOG) {
    const { keyVariable } = openCodeConfig(upstream(provider.id, provider.models[0]!.id), {
      kind: "gateway",
      url: "http://s",
    });
    expect(sandboxVariables({ ...addresses, keyVariable, modelKey: "tok" })).toEqual({
      [keyVariable]: "tok",
      STRUERE_API_KEY: "sync",
      STRUERE_CONVEX_URL: "http://c",
      STRUERE_CONVEX_SITE_URL: "http://cs",
      OPENCODE_EXPERIMENTAL_OUTPUT_TOKEN_MAX: "32768",
    });
  }
});

test.each([
  ["xai", "OPENAI_API_KEY"],
  ["anthropic", "ANTHROPIC_API_KEY"],
  ["openai", "OPENAI_API_KEY"],
  ["google", "GOOGLE_GENERATIVE_AI_API_KEY"],
])("%s's key is in %s", (provider, variable) => {
  const [model] = CATALOG.find((p) => p.id === provider)!.models;
  expect(openCodeConfig(upstream(provider, model!.id), { kind: "raw" }).keyVariable).toBe(variable);
});
