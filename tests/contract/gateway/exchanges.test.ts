import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costMicroUsd, findModel, type WireFormat } from "#domain/catalog.ts";
import { dollarsAsMicroUsd } from "#domain/pricing.ts";
import { ANTHROPIC } from "../../fixtures/gateway/anthropic.ts";
import { CHAT, OPENROUTER } from "../../fixtures/gateway/chat.ts";
import type { Exchange } from "../../fixtures/gateway/fixture.ts";
import { GOOGLE } from "../../fixtures/gateway/google.ts";
import { RESPONSES } from "../../fixtures/gateway/responses.ts";
import { type ReplayServer, startReplay } from "./replay.ts";
import { type GatewayClient, type GatewayServer, startGateway } from "./studio.ts";
import { CALLS } from "#server/http/seats.ts";

const KEYS = {
  XAI_API_KEY: "real-xai-key",
  ANTHROPIC_API_KEY: "real-anthropic-key",
  OPENAI_API_KEY: "real-openai-key",
  GOOGLE_GENERATIVE_AI_API_KEY: "real-google-key",
  OPENROUTER_API_KEY: "real-openrouter-key",
};
const ROUTE_KEYS: Record<string, string> = {
  xai: KEYS.XAI_API_KEY,
  anthropic: KEYS.ANTHROPIC_API_KEY,
  openai: KEYS.OPENAI_API_KEY,
  google: KEYS.GOOGLE_GENERATIVE_AI_API_KEY,
  openrouter: KEYS.OPENROUTER_API_KEY,
};

let provider: ReplayServer;
let studio: GatewayServer;
const sessions = new Map<string, GatewayClient>();

beforeAll(async () => {
  provider = await startReplay();
  studio = await startGateway({
    ...KEYS,
    XAI_BASE_URL: `${provider.url}/xai/v1`,
    ANTHROPIC_BASE_URL: `${provider.url}/anthropic/v1/`,
    OPENAI_BASE_URL: `${provider.url}/openai/v1`,
    GOOGLE_BASE_URL: `${provider.url}/google/v1beta`,
    OPENROUTER_BASE_URL: `${provider.url}/openrouter/api/v1`,
  });
});
afterAll(async () => {
  await studio?.stop();
  await provider?.stop();
});

async function sessionFor(exchange: Pick<Exchange, "provider" | "model">): Promise<GatewayClient> {
  const name = `${exchange.provider}/${exchange.model}`;
  const known = sessions.get(name) ?? (await studio.openSession(exchange));
  sessions.set(name, known);
  return known;
}

/** How each format's packages send their key. */
const CREDENTIALS: Record<WireFormat, (token: string) => Record<string, string>> = {
  "openai-chat": (token) => ({ authorization: `Bearer ${token}` }),
  "openai-responses": (token) => ({ authorization: `Bearer ${token}` }),
  anthropic: (token) => ({ "x-api-key": token, "anthropic-version": "2023-06-01" }),
  google: (token) => ({ "x-goog-api-key": token }),
};

const all = [
  ...[...CHAT, ...RESPONSES, ...ANTHROPIC, ...GOOGLE].map((exchange) => ({
    ...exchange,
    route: exchange.provider,
  })),
  ...OPENROUTER.map((exchange) => ({ ...exchange, route: "openrouter" })),
];

async function send(exchange: Exchange, route: string, token: string): Promise<Response> {
  return await fetch(`${studio.url}/api/gateway/${route}/${exchange.path}`, {
    method: "POST",
    body: exchange.request,
    headers: {
      "content-type": "application/json",
      "user-agent": "agent/1.0",
      ...CREDENTIALS[exchange.format](token),
    },
  });
}

describe.each(all)("$name", (exchange) => {
  const body = Buffer.from(exchange.response);

  test.each([
    ["in one piece", []],
    ["in pieces of seven bytes", Array.from({ length: Math.ceil(body.length / 7) }, () => 7)],
  ])("passes both ways byte for byte, %s, and is counted", async (_, pieces) => {
    const session = await sessionFor(exchange);
    const before = await session.totals();
    provider.answerWith({
      status: exchange.status,
      headers: { ...exchange.headers, "x-request-id": "req_9", "set-cookie": "a=b" },
      body,
      pieces,
    });
    const answer = await send(exchange, exchange.route, session.token);
    expect(answer.status).toBe(exchange.status);
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    expect(answer.headers.get("content-type")).toBe(exchange.headers["content-type"]);
    expect(answer.headers.get("x-request-id")).toBe("req_9");
    expect(answer.headers.get("set-cookie")).toBeNull();

    expect(provider.received).toHaveLength(1);
    const [call] = provider.received;
    expect(call!.body.toString()).toBe(exchange.forwarded ?? exchange.request);
    const base = exchange.route === "openrouter" ? "/openrouter/api" : `/${exchange.route}`;
    expect(call!.url).toBe(`${base}/${exchange.path}`);
    const key = ROUTE_KEYS[exchange.route]!;
    expect(call!.headers).toMatchObject({
      ...CREDENTIALS[exchange.format](key),
      "accept-encoding": "identity",
      "user-agent": "agent/1.0",
    });
    expect(JSON.stringify([call!.headers, call!.url])).not.toContain(session.token);

    const after = await session.totals();
    const { model } = findModel(exchange.provider, exchange.model)!;
    const { usage } = exchange;
    const { reportedCostMicroUsd: reported } = exchange;
    const listed = usage ? costMicroUsd(model, usage, 110) : 0;
    expect(after).toEqual({
      input: before.input + (usage?.inputTokens ?? 0),
      cached: before.cached + (usage?.cachedTokens ?? 0),
      output: before.output + (usage?.outputTokens ?? 0),
      // On platform credits, with the markup that the example settings have.
      costMicroUsd:
        before.costMicroUsd +
        (reported === undefined ? listed : dollarsAsMicroUsd(reported / 1_000_000, 110)),
    });
    if (exchange.failure) {
      const errors = await session.events("llm.response.error");
      expect(errors.at(-1)).toMatchObject({ error_code: exchange.failure.status });
    }
  });
});

const [chat] = CHAT;
const [messages] = ANTHROPIC;
const [gemini] = GOOGLE;

describe("a provider that refuses", () => {
  test.each<[string, Exchange, number, Record<string, string>, string, number | undefined]>([
    [
      "429 with a header",
      chat!,
      429,
      { "retry-after": "7" },
      '{"error": {"message":"slow","type":"tokens"}}',
      7_000,
    ],
    [
      "429 with the time in its body",
      gemini!,
      429,
      {},
      '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"21s"}]}}',
      21_000,
    ],
    ["529", messages!, 529, {}, '{"type":"error","error":{"type":"overloaded_error"}}', undefined],
    ["500 that is not JSON", chat!, 500, { "content-type": "text/html" }, "<html>oops</html>", undefined],
    ["400", messages!, 400, {}, '{"type":"error","error":{"type":"invalid_request_error"}}', undefined],
  ])(
    "%s is passed on unchanged, and shown on the session",
    async (_, exchange, status, headers, text, retryMs) => {
      const session = await sessionFor(exchange);
      const before = await session.totals();
      provider.answerWith({
        status,
        headers: { "content-type": "application/json", ...headers },
        body: Buffer.from(text),
      });
      const answer = await send(exchange, exchange.provider, session.token);
      expect([answer.status, await answer.text()]).toEqual([status, text]);
      expect(answer.headers.get("retry-after")).toBe(headers["retry-after"] ?? null);
      expect(await session.totals()).toEqual(before);
      const event = (await session.events("llm.response.error")).at(-1);
      expect(event).toMatchObject({ error_code: status, provider: exchange.provider, model: exchange.model });
      expect(event?.retry_after_ms).toBe(retryMs);
    },
  );

  test("does not give the real key away, though it repeats it", async () => {
    const session = await sessionFor(chat!);
    const text = `{"error":{"message":"Incorrect API key provided: ${KEYS.OPENAI_API_KEY}."}}`;
    provider.answerWith({
      status: 401,
      headers: { "content-type": "application/json" },
      body: Buffer.from(text),
    });
    const answer = await send(chat!, "openai", session.token);
    expect([answer.status, await answer.text()]).toEqual([
      401,
      '{"error":{"message":"Incorrect API key provided: ********."}}',
    ]);
    const events = JSON.stringify(await session.events("llm.response.error"));
    expect(events).toContain("rejected the key (401)");
    expect(events).not.toContain(KEYS.OPENAI_API_KEY);
  });

  test("an answer that breaks off breaks off for the agent, and what was said until then is counted", async () => {
    const session = await studio.openSession(messages!);
    const body = Buffer.from(messages!.response);
    const half = messages!.response.indexOf('"output_tokens":480');
    provider.answerWith({ status: 200, headers: messages!.headers, body, pieces: [half], breakAfter: 1 });
    const answer = await send(messages!, "anthropic", session.token);
    await expect(answer.text()).rejects.toThrow();
    await expect.poll(session.totals, { timeout: 5_000 }).toMatchObject({ input: 43_012, output: 120 });
  });
});

describe("an agent that goes away", () => {
  test.each([
    ["after the first piece", true],
    ["before anything came", false],
  ])("%s is charged all the same, once", async (_, readFirst) => {
    const session = await studio.openSession(chat!);
    const body = Buffer.from(chat!.response);
    const size = Math.ceil(body.length / 20);
    provider.answerWith({
      status: 200,
      headers: chat!.headers,
      body,
      pieces: Array.from({ length: 19 }, () => size),
      pauseMs: 20,
    });
    const leave = new AbortController();
    const answer = await fetch(`${studio.url}/api/gateway/openai/${chat!.path}`, {
      method: "POST",
      body: chat!.request,
      headers: { authorization: `Bearer ${session.token}` },
      signal: leave.signal,
    });
    if (readFirst) await answer.body!.getReader().read();
    leave.abort();
    await expect.poll(session.totals, { timeout: 10_000 }).toMatchObject({ input: 1_200, output: 70 });
    expect(provider.finished()).toBe(1);
    expect(await session.events("usage.recorded")).toHaveLength(1);
  });

  test("many at once, half of whom leave at some moment, are all charged once", async () => {
    const session = await studio.openSession(messages!);
    const body = Buffer.from(messages!.response);
    const pieces = Array.from({ length: 9 }, () => Math.ceil(body.length / 10));
    provider.answerWith({ status: 200, headers: messages!.headers, body, pieces, pauseMs: 10 });
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const leave = new AbortController();
        if (index % 2 === 0) setTimeout(() => leave.abort(), index * 5);
        const { "x-api-key": key } = CREDENTIALS.anthropic(session.token);
        await fetch(`${studio.url}/api/gateway/anthropic/${messages!.path}`, {
          method: "POST",
          body: messages!.request,
          headers: { "x-api-key": key! },
          signal: leave.signal,
        })
          .then(async (answer) => await answer.text())
          .catch((error: unknown) => expect(String(error)).toMatch(/abort/i));
      }),
    );
    const calls = () => provider.received.length;
    // A call whose caller has left may reach the provider a moment later.
    const perCall = async () => {
      const recorded = await session.events("usage.recorded");
      const { input, output } = await session.totals();
      const made = calls();
      return { recorded: recorded.length / made, input: input / made, output: output / made };
    };
    await expect.poll(perCall, { timeout: 20_000 }).toEqual({ recorded: 1, input: 43_012, output: 480 });
    // A session may have so many under way at once; the others were told to come later.
    expect(calls()).toBeGreaterThanOrEqual(CALLS.session);
  });
});
