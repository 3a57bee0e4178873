import { once } from "node:events";
import type http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { createServer } from "#demo-model/server.ts";
import { COMPLETION_LIMITS } from "#domain/completions.ts";
import { type Asked, type Completed, complete, completed } from "#server/completions/complete.ts";
import { dataFor } from "#server/convex/client.ts";
import { CALLS } from "#server/http/seats.ts";
import { dataEvents, JSON_BODY, namedEvents, STREAM } from "../../fixtures/gateway/fixture.ts";
import { type Replayed, type ReplayServer, startReplay } from "./replay.ts";
import { type GatewayClient, type GatewayServer, startGateway } from "./studio.ts";

let provider: ReplayServer;
let demo: http.Server;
let studio: GatewayServer;
let session: GatewayClient;

beforeAll(async () => {
  provider = await startReplay();
  demo = createServer().listen(0, "127.0.0.1");
  await once(demo, "listening");
  studio = await startGateway({
    XAI_API_KEY: "real-xai-key",
    XAI_BASE_URL: `${provider.url}/xai/v1`,
    ANTHROPIC_API_KEY: "real-anthropic-key",
    ANTHROPIC_BASE_URL: `${provider.url}/anthropic/v1`,
    OPENAI_API_KEY: "real-openai-key",
    OPENAI_BASE_URL: `${provider.url}/openai/v1`,
    GOOGLE_GENERATIVE_AI_API_KEY: "real-google-key",
    GOOGLE_BASE_URL: `${provider.url}/google/v1beta`,
    DEMO_MODEL_URL: `http://127.0.0.1:${(demo.address() as AddressInfo).port}`,
  });
  session = await studio.openSession({ provider: "demo", model: "demo" });
});
afterAll(async () => {
  await studio?.stop();
  await provider?.stop();
  demo?.close();
});

const asked = (more: Partial<Asked> = {}): Asked => ({
  by: { caller: session.person, purpose: "chat" },
  provider: "demo",
  model: "demo",
  keySource: "platform",
  messages: [{ role: "user", content: "hello" }],
  signal: new AbortController().signal,
  ...more,
});
const balance = async () => await dataFor(session.person).query(api.credits.balance, {});
const usage = async () =>
  (
    await dataFor(session.person).query(api.usageReports.page, {
      from: "2020-01-01",
      paginationOpts: { numItems: 50, cursor: null },
    })
  ).groups;

const streamed = (body: string): Replayed => ({ status: 200, headers: STREAM, body: Buffer.from(body) });
const chat = { id: "c", object: "chat.completion.chunk", created: 1, model: "grok-4.3" };
const item = { type: "message", id: "m", role: "assistant", status: "in_progress", content: [] };

/** What each provider streams for "Hello there", with figures. */
const ANSWERS: [name: string, choice: { provider: string; model: string }, path: string, body: string][] = [
  [
    "Chat Completions",
    { provider: "xai", model: "grok-4.3" },
    "/xai/v1/chat/completions",
    dataEvents(
      { ...chat, choices: [{ index: 0, delta: { role: "assistant", content: "Hello " } }] },
      { ...chat, choices: [{ index: 0, delta: { content: "there" }, finish_reason: "stop" }] },
      { ...chat, choices: [], usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 } },
      "[DONE]",
    ),
  ],
  [
    "Responses",
    { provider: "openai", model: "gpt-5.6-sol" },
    "/openai/v1/responses",
    namedEvents(
      { type: "response.created", response: { id: "r", created_at: 1, model: "gpt-5.6-sol" } },
      { type: "response.output_item.added", output_index: 0, item },
      {
        type: "response.output_text.delta",
        item_id: "m",
        output_index: 0,
        content_index: 0,
        delta: "Hello ",
      },
      { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "there" },
      { type: "response.output_item.done", output_index: 0, item: { ...item, status: "completed" } },
      {
        type: "response.completed",
        response: {
          id: "r",
          status: "completed",
          usage: { input_tokens: 11, output_tokens: 3, total_tokens: 14 },
        },
      },
    ),
  ],
  [
    "Anthropic",
    { provider: "anthropic", model: "claude-sonnet-4-6" },
    "/anthropic/v1/messages",
    namedEvents(
      {
        type: "message_start",
        message: {
          id: "m",
          type: "message",
          role: "assistant",
          model: "claude-sonnet-4-6",
          content: [],
          usage: { input_tokens: 11, output_tokens: 1 },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello " } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "there" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } },
      { type: "message_stop" },
    ),
  ],
  [
    "Google",
    { provider: "google", model: "gemini-3.1-pro-preview" },
    "/google/v1beta/models/gemini-3.1-pro-preview:streamGenerateContent?alt=sse",
    dataEvents(
      { candidates: [{ index: 0, content: { role: "model", parts: [{ text: "Hello " }] } }] },
      {
        candidates: [
          { index: 0, content: { role: "model", parts: [{ text: "there" }] }, finishReason: "STOP" },
        ],
        usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 3, totalTokenCount: 14 },
      },
    ),
  ],
];

describe.each(ANSWERS)("by %s", (_, choice, path, body) => {
  test("a model writes for a person, on credits, with the real key, and is counted for them", async () => {
    provider.answerWith(streamed(body));
    const before = await balance();
    const pieces: string[] = [];
    const asks = complete(
      asked({ ...choice, system: "Be short.", temperature: 0.2, maxOutputTokens: 2_000 }),
    );
    let last = await asks.next();
    for (; !last.done; last = await asks.next()) pieces.push(last.value);
    expect(pieces).toEqual(["Hello ", "there"]);
    const done: Completed = last.value;
    expect(done).toMatchObject({
      ...choice,
      content: "Hello there",
      stopReason: "stop",
      usage: { inputTokens: 11, outputTokens: 3 },
    });
    expect(done.costMicroUsd).toBeGreaterThan(0);
    expect(await balance()).toEqual({
      balanceMicroUsd: before.balanceMicroUsd - (done.costMicroUsd ?? 0),
      heldMicroUsd: 0,
      spentMicroUsd: before.spentMicroUsd + (done.costMicroUsd ?? 0),
    });
    const sent = provider.received.at(-1);
    expect(sent?.url).toBe(path);
    expect(JSON.stringify(sent?.headers)).toContain(`real-${choice.provider}-key`);
    expect(sent?.body.toString()).toContain("Be short.");
    expect((await usage()).find(({ provider: id }) => id === choice.provider)).toMatchObject({
      calls: 1,
      inputTokens: 11,
      outputTokens: 3,
      costMicroUsd: done.costMicroUsd,
    });
  });
});

describe("the demo model", () => {
  test("answers without a session, and one that it counts against where it is named", async () => {
    const alone = await completed(asked());
    expect(alone.content).toContain("demo model");
    expect((await session.totals()).input).toBe(0);
    const within = await completed(asked({ sessionId: session.sessionId }));
    expect(within.usage.inputTokens).toBeGreaterThan(0);
    expect(await session.totals()).toMatchObject({
      input: within.usage.inputTokens,
      output: within.usage.outputTokens,
      costMicroUsd: within.costMicroUsd,
    });
    expect(await session.events("usage.recorded")).toMatchObject([{ user_id: session.person.userId }]);
  });
});

describe("what is refused", () => {
  const xai = { provider: "xai", model: "grok-4.3" };
  const error = (status: number): Replayed => ({
    status,
    headers: JSON_BODY,
    body: Buffer.from('{"error":{"message":"account acct_123 of real-xai-key"}}'),
  });

  test.each([400, 401, 429, 500])(
    "a provider's %s is told in our words, once, and holds nothing",
    async (status) => {
      provider.answerWith(error(status));
      const { length } = provider.received;
      const refusal = await completed(asked(xai)).catch((thrown: unknown) => thrown);
      expect(refusal).toMatchObject({ code: "upstream_failed", besides: { kind: "completion_refused" } });
      expect(String(refusal)).not.toMatch(/acct_123|real-xai-key/);
      expect(provider.received.length).toBe(length + 1);
      expect((await balance()).heldMicroUsd).toBe(0);
    },
  );

  test("an answer that breaks off is none, and is paid for as far as it can be", async () => {
    const [, choice, , body] = ANSWERS[0]!;
    provider.answerWith({ ...streamed(body), pieces: [150], breakAfter: 1 });
    await expect(completed(asked(choice))).rejects.toMatchObject({ code: "upstream_failed" });
    expect((await balance()).heldMicroUsd).toBe(0);
  });

  test("too little for an answer below one's own limit", async () => {
    const by = { caller: session.person, purpose: "chat" as const, capMicroUsd: 10_000 };
    const content = "word ".repeat(60_000);
    const messages = [{ role: "user" as const, content }];
    await expect(
      completed(asked({ provider: "anthropic", model: "claude-sonnet-4-6", by, messages })),
    ).rejects.toMatchObject({ besides: { kind: "completion_cap" } });
  });

  test("more than may be asked at once", async () => {
    const messages = [
      { role: "user" as const, content: "é".repeat(COMPLETION_LIMITS.maxPromptBytes / 2 + 1) },
    ];
    await expect(completed(asked({ messages }))).rejects.toMatchObject({ code: "too_large" });
  });

  test("a viewer, and a session that is somebody else's", async () => {
    const viewer = { ...session.person, role: "viewer" as const };
    await expect(completed(asked({ by: { caller: viewer, purpose: "chat" } }))).rejects.toMatchObject({
      data: { code: "forbidden" },
    });
    const other = await studio.openSession({ provider: "demo", model: "demo" });
    await expect(completed(asked({ sessionId: other.sessionId }))).rejects.toMatchObject({
      data: { code: "not_found" },
    });
  });

  test("more at once than one person's places", async () => {
    const [, choice, , body] = ANSWERS[0]!;
    provider.answerWith({ ...streamed(body), pieces: [10, 10, 10, 10], pauseMs: 300 });
    const all = await Promise.allSettled(
      Array.from({ length: CALLS.session + 4 }, async () => await completed(asked(choice))),
    );
    const refused = all.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(4);
    for (const one of refused) expect(one).toMatchObject({ reason: { code: "rate_limited" } });
    expect((await balance()).heldMicroUsd).toBe(0);
  });
});

test("who goes away hears no more, and what is still written is charged", async () => {
  const gone = new AbortController();
  const messages = [{ role: "user" as const, content: "```demo\nstream 200\nsleep 1500\nstream 50\n```" }];
  const pieces = complete(asked({ messages, signal: gone.signal }));
  expect((await pieces.next()).done).toBe(false);
  gone.abort();
  await expect(
    (async () => {
      for (let next = await pieces.next(); !next.done; next = await pieces.next());
    })(),
  ).rejects.toThrow();
  const before = await balance();
  expect(before.heldMicroUsd).toBeGreaterThan(0);
  await expect.poll(async () => (await balance()).heldMicroUsd, { timeout: 20_000 }).toBe(0);
  expect((await balance()).balanceMicroUsd).toBeLessThan(before.balanceMicroUsd);
});
