import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { dataFor, serviceData } from "#server/convex/client.ts";
import { MAX_REQUEST_BYTES } from "#server/gateway/request.ts";
import { ANTHROPIC } from "../../fixtures/gateway/anthropic.ts";
import { type ReplayServer, startReplay } from "./replay.ts";
import { type GatewayClient, type GatewayServer, startGateway } from "./studio.ts";

let provider: ReplayServer;
let studio: GatewayServer;
let xai: GatewayClient;

beforeAll(async () => {
  provider = await startReplay();
  const closed = await startReplay();
  await closed.stop();
  studio = await startGateway({
    XAI_API_KEY: "real-xai-key",
    XAI_BASE_URL: `${provider.url}/xai/v1`,
    ANTHROPIC_API_KEY: "real-anthropic-key",
    ANTHROPIC_BASE_URL: `${closed.url}/v1`,
    OPENROUTER_API_KEY: "real-openrouter-key",
    OPENROUTER_BASE_URL: `${provider.url}/openrouter/v1`,
    DEMO_MODEL_URL: `${provider.url}/demo`,
  });
  provider.answerWith({
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from("{}"),
  });
  xai = await studio.openSession({ provider: "xai", model: "grok-4.3" });
});
afterAll(async () => {
  await studio?.stop();
  await provider?.stop();
});

interface Sent {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit;
}
const CHAT = '{"model":"grok-4.3","messages":[]}';

async function send({ path = "xai/v1/chat/completions", method = "POST", headers, body = CHAT }: Sent) {
  const answer = await fetch(`${studio.url}/api/gateway/${path}`, {
    method,
    headers: headers ?? { authorization: `Bearer ${xai.token}` },
    ...(method === "POST" && { body }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const openAi = (code: string) => ({ error: { type: "studio_gateway", code, param: null } });

test("a session's token is taken from where each package puts its key", async () => {
  const { token } = xai;
  for (const headers of [
    { authorization: `Bearer ${token}` },
    { "x-api-key": token },
    { "x-goog-api-key": token },
  ] as Record<string, string>[])
    expect((await send({ headers })).status).toBe(200);
  provider.received.length = 0;
  expect((await send({ path: `xai/v1/chat/completions?a=1&key=${token}`, headers: {} })).status).toBe(200);
  expect(provider.received[0]).toMatchObject({
    url: "/xai/v1/chat/completions?a=1",
    headers: { authorization: "Bearer real-xai-key" },
  });
});

describe("nothing reaches a provider", () => {
  const refused = async (sent: Sent, status: number, body: object) => {
    provider.received.length = 0;
    expect(await send(sent)).toMatchObject({ status, body });
    expect(provider.received).toEqual([]);
  };

  test("past a monthly limit: the agent asks again, and goes on once there is room", async () => {
    const session = await studio.openSession({ provider: "xai", model: "grok-4.3" });
    const { organizationId } = session.person;
    const as = dataFor(session.person);
    await as.mutation(api.monthlyLimits.set, { subject: "organization", limitMicroUsd: 10_000 });
    await serviceData().mutation(api.usage.record, {
      sessionId: session.sessionId,
      requestId: `spent:${organizationId}`,
      provider: "xai",
      model: "grok-4.3",
      keySource: "platform",
      inputTokens: 0,
      cachedTokens: 0,
      outputTokens: 0,
      costMicroUsd: 10_000,
    });
    const headers = { authorization: `Bearer ${session.token}` };
    await refused({ headers }, 429, {
      error: {
        code: "monthly_limit",
        message: expect.stringContaining("The organization's monthly limit is reached."),
      },
    });
    await as.mutation(api.monthlyLimits.remove, { subject: "organization" });
    expect((await send({ headers })).status).toBe(200);
    await session.stop();
  });

  test("without a valid token", async () => {
    for (const headers of [
      {},
      { authorization: "Bearer gw_studio_wrong" },
      { authorization: `Basic ${xai.token}` },
    ])
      await refused({ headers: headers as Record<string, string> }, 401, openAi("invalid_token"));
    await refused({ path: "xai/v1/messages", headers: {} }, 401, {
      type: "error",
      error: { type: "authentication_error" },
    });
    await refused({ path: "xai/v1beta/models/x:generateContent", headers: {} }, 401, {
      error: { code: 401, status: "UNAUTHENTICATED" },
    });
  });

  test("on another provider's way, or one that there is not", async () => {
    for (const path of ["anthropic/v1/messages", "openai/v1/responses", "nobody/v1/chat/completions"])
      await refused({ path }, 403, {});
  });

  test.each([
    ["xai/v1/models", "GET"],
    ["xai/v1/chat/completions", "GET"],
    ["xai/v1/files", "POST"],
    ["xai/v1/messages", "POST"],
    ["xai/v1/images/generations", "POST"],
    ["xai/v1/chat/completions/extra", "POST"],
    ["openrouter/v1/responses", "POST"],
  ])("on %s by %s", async (path, method) => {
    await refused({ path, method }, 404, {});
  });

  test.each<[string, BodyInit, number, string]>([
    ["another model", '{"model":"grok-4.7"}', 403, "model_not_allowed"],
    ["OpenRouter's name of the model", '{"model":"x-ai/grok-4.3"}', 403, "model_not_allowed"],
    ["two models", '{"model":"grok-4.7","model":"grok-4.3"}', 400, "duplicate_name"],
    ["what is not JSON", "{", 400, "invalid_json"],
    ["too much", new Uint8Array(MAX_REQUEST_BYTES + 1), 413, "too_large"],
    [
      "a tool that the provider bills apart",
      '{"model":"grok-4.3","tools":[{"type":"x_search"}]}',
      403,
      "not_metered",
    ],
  ])("with %s", async (_, body, status, code) => {
    await refused({ body }, status, openAi(code));
  });

  test("after the session has ended", async () => {
    const session = await studio.openSession({ provider: "xai", model: "grok-4.3" });
    await session.stop();
    await refused({ headers: { authorization: `Bearer ${session.token}` } }, 401, openAi("invalid_token"));
  });
});

test("the way through OpenRouter takes OpenRouter's name of the model alone", async () => {
  const path = "openrouter/v1/chat/completions";
  expect((await send({ path, body: '{"model":"x-ai/grok-4.3"}' })).status).toBe(200);
  expect(provider.received.at(-1)?.headers.authorization).toBe("Bearer real-openrouter-key");
  expect((await send({ path })).status).toBe(403);
});

test("a session whose key is the organization's own does not use the platform's", async () => {
  for (const keySource of ["direct", "openrouter"] as const) {
    const session = await studio.openSession({ provider: "xai", model: "grok-4.3", keySource });
    const headers = { authorization: `Bearer ${session.token}` };
    expect(await send({ headers })).toMatchObject({ status: 403, body: openAi("wrong_provider") });
  }
});

test("a provider out of reach is told to the agent in a way that it does not repeat, and shown", async () => {
  const session = await studio.openSession({ provider: "anthropic", model: "claude-sonnet-4-6" });
  const [exchange] = ANTHROPIC;
  const answer = await send({
    path: "anthropic/v1/messages",
    headers: { "x-api-key": session.token },
    body: exchange!.request,
  });
  const sentence = "Anthropic couldn't be reached, so the agent got no response.";
  expect(answer).toEqual({
    status: 424,
    body: { type: "error", error: { type: "api_error", message: sentence } },
  });
  expect(await session.events("llm.response.error")).toMatchObject([{ error_code: 502, error: sentence }]);
});

test("a connection that breaks before anything is answered is made again, twice at most", async () => {
  const broken = { status: 200, headers: {}, body: Buffer.alloc(0), breakBefore: true };
  const whole = {
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from('{"whole":true}'),
  };
  provider.answerWith(broken, broken, whole);
  expect(await send({})).toEqual({ status: 200, body: { whole: true } });
  expect(provider.received).toHaveLength(3);
  provider.answerWith(broken, broken, broken, whole);
  expect(await send({})).toMatchObject({ status: 424, body: openAi("provider_unreachable") });
  expect(provider.received).toHaveLength(3);
  provider.answerWith(whole);
});

test("a provider that sends the call elsewhere is not followed", async () => {
  const elsewhere = await startReplay();
  try {
    elsewhere.answerWith({ status: 200, headers: {}, body: Buffer.from("{}") });
    provider.answerWith({ status: 307, headers: { location: `${elsewhere.url}/v1` }, body: Buffer.alloc(0) });
    expect(await send({})).toMatchObject({ status: 424, body: openAi("provider_unreachable") });
    expect(elsewhere.received).toEqual([]);
  } finally {
    await elsewhere.stop();
  }
});
