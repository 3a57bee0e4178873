import { describe, expect, test } from "vitest";
import { inputTokensAtMost } from "#server/gateway/estimate.ts";
import { answersOf, unmeteredPart } from "#server/gateway/metered.ts";
import { maxOutputOf, withMaxOutput } from "#server/gateway/output-limit.ts";
import { readCall } from "#server/gateway/request.ts";
import { targetOf } from "#server/gateway/wire.ts";

const chat = targetOf(["v1", "chat", "completions"])!;
const google = targetOf(["v1beta", "models", "m:streamGenerateContent"])!;
const read = async (body: string, target = chat, meteredOnly = true) =>
  await readCall(new Request("http://s/", { method: "POST", body }), target, {
    modelId: "m",
    name: "The Model",
    meteredOnly,
  });

describe("what a hold counts", () => {
  test.each([
    ["openai-responses", { tools: [{ type: "function", name: "f" }, { type: "web_search" }] }],
    ["openai-responses", { background: true }],
    ["openai-chat", { service_tier: "priority" }],
    ["openai-chat", { plugins: [{ id: "web" }] }],
    ["openai-chat", { web_search_options: {} }],
    ["openai-chat", { search_parameters: { mode: "on" } }],
    ["anthropic", { tools: [{ name: "read", input_schema: {} }, { type: "web_search_20250305" }] }],
    ["anthropic", { speed: "fast" }],
    ["anthropic", { mcp_servers: [{ url: "https://x" }] }],
    ["google", { tools: [{ functionDeclarations: [] }, { googleSearch: {} }] }],
  ] as const)("%s: %o is not for platform credits", async (format, body) => {
    expect(unmeteredPart(format, body)).toBeDefined();
    if (format !== "openai-chat") return;
    const text = JSON.stringify({ model: "m", ...body });
    expect(await read(text)).toMatchObject({ ok: false, status: 403, code: "not_metered" });
    expect(await read(text, chat, false)).toMatchObject({ ok: true });
  });

  test.each([
    [
      "openai-responses",
      { tools: [{ type: "function", name: "f" }], service_tier: "auto", background: false },
    ],
    ["openai-chat", { tools: [{ type: "function" }], plugins: [], web_search_options: null }],
    [
      "anthropic",
      { tools: [{ name: "read" }, { type: "bash_20250124", name: "bash" }], inference_geo: "global" },
    ],
    ["google", { tools: [{ functionDeclarations: [] }, { function_declarations: [] }] }],
  ] as const)("%s: %o costs tokens alone", (format, body) => {
    expect(unmeteredPart(format, body)).toBeUndefined();
  });

  test.each([
    ["openai-chat", { n: 8 }],
    ["openai-chat", { n: "8" }],
    ["openai-chat", { best_of: 4 }],
    ["openai-chat", { max_tokens: 10, max_completion_tokens: 100_000 }],
    ["openai-chat", { max_tokens: "100000" }],
    ["google", { generationConfig: { candidateCount: 8 } }],
    ["google", { generationConfig: { candidate_count: 8 } }],
    ["google", { generation_config: { candidate_count: 8 } }],
    ["google", { generationConfig: { candidateCount: "8" } }],
    ["google", { generationConfig: { responseModalities: ["IMAGE"] } }],
  ] as const)("SEC-5: %s: %o, whose hold would be too small, does not pass on credits", (format, body) => {
    expect(unmeteredPart(format, body)).toBeDefined();
  });

  test.each([
    ["openai-chat", { n: 8 }, 8],
    ["openai-chat", { n: "8", best_of: 12.5 }, 13],
    ["openai-chat", { n: 1 }, 1],
    ["openai-chat", { n: -3, best_of: {} }, 1],
    ["openai-responses", {}, 1],
    ["google", { generationConfig: { candidateCount: 4 } }, 4],
    ["google", { generation_config: { candidate_count: "4" } }, 4],
    ["google", { generationConfig: { candidateCount: 2 }, generation_config: { candidateCount: 3 } }, 3],
  ] as const)("SEC-5: %s: %o asks for %d answers", (format, body, answers) => {
    expect(answersOf(format, body)).toBe(answers);
  });

  test("SEC-5: Google's setting is not said twice, in two spellings", async () => {
    const twice = '{"generationConfig":{"candidateCount":8,"candidate_count":1}}';
    expect(await read(twice, google, false)).toMatchObject({ ok: false, code: "duplicate_name" });
  });

  test.each([
    [
      "openai-chat",
      '{"max_tokens":100,"max_completion_tokens":200}',
      200,
      { max_tokens: 7, max_completion_tokens: 7 },
    ],
    [
      "google",
      '{"generation_config":{"max_output_tokens":300}}',
      300,
      { generation_config: { max_output_tokens: 7 } },
    ],
    [
      "google",
      '{"generationConfig":{"topK":1}}',
      undefined,
      { generationConfig: { topK: 1, maxOutputTokens: 7 } },
    ],
  ] as const)(
    "SEC-5: %s: the largest limit of %s counts, and each is lowered",
    (format, text, asked, lowered) => {
      const body = JSON.parse(text) as Record<string, unknown>;
      expect(maxOutputOf(format, body)).toBe(asked);
      expect(JSON.parse(withMaxOutput(format, text, body, 7))).toEqual(lowered);
    },
  );

  test.each([
    ["openai-chat", { deferred: true }],
    ["openai-chat", { a_parameter_of_tomorrow: 1 }],
    ["openai-chat", { provider: { only: ["dear"] } }],
    ["openai-chat", { prediction: { type: "content", content: "x" } }],
    ["openai-chat", { modalities: ["text", "audio"] }],
    [
      "openai-chat",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://x" } }] }] },
    ],
    ["openai-chat", { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "f" } }] }] }],
    ["openai-responses", { previous_response_id: "resp_1" }],
    ["openai-responses", { conversation: "conv_1" }],
    ["openai-responses", { store: true }],
    ["openai-responses", { input: [{ type: "item_reference", id: "x" }] }],
    ["openai-responses", { input: [{ content: [{ type: "input_file", file_url: "https://x" }] }] }],
    ["openai-responses", { tools: [{ type: "mcp", server_url: "https://x" }] }],
    ["openai-responses", { tools: [{}] }],
    ["anthropic", { tools: [{ type: "a_server_tool_20270101", name: "t" }] }],
    ["anthropic", { container: "c" }],
    ["anthropic", { context_management: { edits: [{ type: "compact_20260112" }] } }],
    [
      "anthropic",
      { messages: [{ content: [{ type: "image", source: { type: "url", url: "https://x" } }] }] },
    ],
    [
      "anthropic",
      { messages: [{ content: [{ type: "document", source: { type: "file", file_id: "f" } }] }] },
    ],
    ["google", { cachedContent: "cachedContents/x" }],
    ["google", { cached_content: "cachedContents/x" }],
    ["google", { contents: [{ parts: [{ fileData: { fileUri: "https://youtube.example/v" } }] }] }],
    ["google", { contents: [{ parts: [{ file_data: { file_uri: "gs://x" } }] }] }],
  ] as const)(
    "SEC-12: %s: %j is not known to cost only what is held, so it does not pass",
    (format, body) => {
      expect(unmeteredPart(format, body)).toBeDefined();
    },
  );

  test.each([
    [
      "anthropic",
      { messages: [{ content: [{ type: "tool_use", input: { source: { type: "url" }, file_id: 1 } }] }] },
    ],
    ["google", { contents: [{ parts: [{ functionCall: { name: "f", args: { fileUri: "x" } } }] }] }],
    ["google", { contents: [{ parts: [{ functionResponse: { name: "f", response: { file_id: "x" } } }] }] }],
    [
      "openai-chat",
      { messages: [{ content: [{ image_url: { url: "data:image/png;base64,AAAA" } }] }], store: false },
    ],
  ] as const)("SEC-12: %s: what the agent's tools say may have any form: %j", (format, body) => {
    expect(unmeteredPart(format, body)).toBeUndefined();
  });

  test("SEC-5: input counts for the most that it can: bytes, pictures by their size, documents for all there is", () => {
    const most = (body: object, format: "openai-chat" | "anthropic" = "openai-chat") =>
      inputTokensAtMost(format, body as Record<string, unknown>, JSON.stringify(body).length, {
        contextTokens: 100_000,
      });
    const text = { messages: [{ role: "user", content: "ÿ".repeat(3_000) }] };
    expect(most(text)).toBeGreaterThan(3_000);
    const picture = (data: string) => ({ messages: [{ content: [{ image_url: { url: data } }] }] });
    expect(most(picture(`data:image/png;base64,${"A".repeat(90_000)}`))).toBeLessThan(10_000);
    expect(most({ messages: [{ content: `data:image/png;base64,${"A".repeat(90_000)}` }] })).toBeGreaterThan(
      90_000,
    );
    const pdf = { type: "base64", media_type: "application/pdf", data: "AAAA" };
    expect(most({ messages: [{ content: [{ type: "document", source: pdf }] }] }, "anthropic")).toBe(100_000);
  });
});
