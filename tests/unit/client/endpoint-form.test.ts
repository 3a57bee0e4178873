import { expect, test } from "vitest";
import { ApiError } from "#client/api.ts";
import { checkEndpoint, endpointId } from "#client/endpoint-form.ts";
import { formatFor } from "#client/format.ts";
import { fieldProblems } from "#client/settings.ts";
import { compatibleId, putProviderKeyBody } from "#contracts/providers.ts";

const f = formatFor("en-US");
const model = {
  key: 0,
  id: "qwen3",
  contextTokens: "128k",
  outputTokens: "16,384",
  priceIn: "",
  priceCached: "",
  priceOut: "",
};
const fields = {
  name: " Our models ",
  base_url: "http://10.0.0.5:8000/v1",
  api_key: "a-long-key",
  models: [model],
};

test("a typed endpoint becomes a request that the API takes", () => {
  const checked = checkEndpoint(fields, undefined, [], f);
  expect(checked).toEqual({
    ok: true,
    provider: "compatible:our-models",
    body: {
      name: "Our models",
      base_url: "http://10.0.0.5:8000/v1",
      api_key: "a-long-key",
      models: [{ id: "qwen3", context_tokens: 128_000, output_tokens: 16_384 }],
    },
  });
  if (checked.ok) expect(putProviderKeyBody.safeParse(checked.body).success).toBe(true);
  const typed = { ...fields, models: [{ ...model, outputTokens: "16.384" }] };
  expect(checkEndpoint(typed, undefined, [], formatFor("de-DE"))).toEqual(checked);
  expect(checkEndpoint(typed, undefined, [], f)).toMatchObject({ ok: false });
});

test("SPEC-13: typed prices become what the API takes, nothing included; half of them does not", () => {
  const priced = (priceIn: string, priceCached: string, priceOut: string, format = f) =>
    checkEndpoint(
      { ...fields, models: [{ ...model, outputTokens: "16384", priceIn, priceCached, priceOut }] },
      undefined,
      [],
      format,
    );
  const pricesOf = (checked: ReturnType<typeof priced>) =>
    checked.ok ? checked.body.models[0]?.prices : checked.problems;
  expect(pricesOf(priced("0.15", "$0.02", "1.5"))).toEqual({
    input_micro_usd: 150_000,
    cached_input_micro_usd: 20_000,
    output_micro_usd: 1_500_000,
  });
  expect(pricesOf(priced("0", "", "0"))).toEqual({ input_micro_usd: 0, output_micro_usd: 0 });
  expect(pricesOf(priced("0,15", "", "1,5", formatFor("de-DE")))).toEqual({
    input_micro_usd: 150_000,
    output_micro_usd: 1_500_000,
  });
  expect(pricesOf(priced("", "", ""))).toBeUndefined();
  expect(Object.keys(pricesOf(priced("1", "", "")) ?? {})).toEqual(["models.0.prices.output_micro_usd"]);
  expect(Object.keys(pricesOf(priced("-1", "x", "1001")) ?? {})).toEqual([
    "models.0.prices.input_micro_usd",
    "models.0.prices.cached_input_micro_usd",
    "models.0.prices.output_micro_usd",
  ]);
});

test("the id of any name is one that the API takes, or there is none", () => {
  for (const name of ["Our models", "ä", "x".repeat(90), `${"a".repeat(39)} b`, "日本", "--", "Ünïcode 9"]) {
    const id = endpointId(name);
    if (id !== undefined) expect(compatibleId.safeParse(id).success, name).toBe(true);
  }
  expect(endpointId("日本")).toBeUndefined();
});

test("each wrong field is named, as the API would name it", () => {
  const wrong = {
    name: "",
    base_url: "models.example.com",
    api_key: "short",
    models: [
      model,
      { ...model, key: 1, contextTokens: "lots" },
      { ...model, key: 2, id: "", outputTokens: "1" },
    ],
  };
  const checked = checkEndpoint(wrong, undefined, [], f);
  expect(checked.ok).toBe(false);
  expect(Object.keys(checked.ok ? {} : checked.problems).toSorted()).toEqual([
    "api_key",
    "base_url",
    "models.1.context_tokens",
    "models.1.id",
    "models.2.id",
    "models.2.output_tokens",
    "name",
  ]);
});

test("a name that is taken is refused for a new endpoint, and kept for its own", () => {
  const taken = ["compatible:our-models"];
  expect(checkEndpoint(fields, undefined, taken, f)).toMatchObject({ problems: { name: /already/ } });
  expect(checkEndpoint({ ...fields, name: "Renamed" }, "compatible:our-models", taken, f)).toMatchObject({
    ok: true,
    provider: "compatible:our-models",
  });
});

test("the API's refusals find their fields", () => {
  const facts = { code: "invalid_request", status: 400 };
  const listed = [
    { path: "models.0.id", message: "Too long" },
    { path: "models.0.id", message: "Again" },
  ];
  expect(fieldProblems(new ApiError("models.0.id: Too long", { ...facts, errors: listed }))).toEqual({
    "models.0.id": "Too long",
  });
  expect(fieldProblems(new ApiError("base_url: it leads to a private address.", facts))).toEqual({
    base_url: "it leads to a private address.",
  });
  expect(fieldProblems(new ApiError("Somebody else saved a key at the same moment.", facts))).toEqual({});
  expect(fieldProblems(new ApiError("note: broken", { code: "internal", status: 500 }))).toEqual({});
});
