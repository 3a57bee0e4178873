import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  queryWithoutKey,
  requestHeaders,
  responseHeaders,
  retryAfterMs,
  tokenOf,
} from "#server/gateway/headers.ts";
import { MAX_REQUEST_BYTES, readCall, withUsage } from "#server/gateway/request.ts";
import { retryDelayMs, withoutKey } from "#server/gateway/refused.ts";
import { topLevel } from "#server/gateway/top-level.ts";
import { errorFormatOf, refusal, targetOf } from "#server/gateway/wire.ts";
import { cpuMsOf } from "#tests/cpu-time.ts";

const URL_OF = "http://studio/api/gateway/google/v1beta/models/x:generateContent";

describe("headers", () => {
  test.each([
    ["authorization", "Bearer tok", ""],
    ["authorization", "bearer  tok", ""],
    ["x-api-key", "tok", ""],
    ["x-goog-api-key", "tok", ""],
    ["accept", "*/*", "?alt=sse&key=tok"],
    ["accept", "*/*", "?%6Bey=tok"],
  ])("finds the token in %s: %s%s", (name, value, query) => {
    expect(tokenOf({ headers: new Headers([[name, value]]), url: URL_OF + query })).toBe("tok");
  });

  test("finds no token where there is none", () => {
    expect(tokenOf({ headers: new Headers({ authorization: "Basic dG9r" }), url: URL_OF })).toBeUndefined();
  });

  test.each([
    ["?alt=sse&key=tok", "?alt=sse"],
    ["?key=tok&alt=sse&a=%20b+c", "?alt=sse&a=%20b+c"],
    ["?%6bey=tok", ""],
    ["?keyed=1&key", "?keyed=1"],
    ["", ""],
  ])("keeps the query %s but for the token: %s", (query, kept) => {
    expect(queryWithoutKey(URL_OF + query)).toBe(kept);
  });

  const sent = new Headers({
    authorization: "Bearer tok",
    "x-api-key": "tok",
    "x-goog-api-key": "tok",
    cookie: "a=b",
    connection: "keep-alive, X-Hop",
    "x-hop": "1",
    "transfer-encoding": "chunked",
    te: "trailers",
    "accept-encoding": "gzip",
    "x-forwarded-for": "1.2.3.4",
    "openai-organization": "org-other",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "a,b",
    "content-type": "application/json",
    "user-agent": "agent/1",
  });
  const kept = {
    "accept-encoding": "identity",
    "anthropic-beta": "a,b",
    "anthropic-version": "2023-06-01",
    "content-type": "application/json",
    "user-agent": "agent/1",
  };

  test.each([
    ["openai-chat", { authorization: "Bearer real" }],
    ["openai-responses", { authorization: "Bearer real" }],
    ["anthropic", { "x-api-key": "real" }],
    ["google", { "x-goog-api-key": "real" }],
  ] as const)(
    "%s gets the real key in its place, and nothing of the connection or the sandbox",
    (format, key) => {
      expect(Object.fromEntries(requestHeaders(sent, format, "real"))).toEqual({ ...kept, ...key });
      expect(Object.fromEntries(requestHeaders(sent, format, null))).toEqual(kept);
    },
  );

  test("an answer keeps its headers, but for the connection's and the account's", () => {
    const answer = new Headers({
      "content-type": "text/event-stream",
      "content-encoding": "gzip",
      "content-length": "5",
      "transfer-encoding": "chunked",
      "set-cookie": "a=b",
      "anthropic-organization-id": "org",
      "openai-organization": "org",
      "retry-after": "3",
      "x-ratelimit-remaining": "0",
      "x-request-id": "req_1",
    });
    expect(Object.fromEntries(responseHeaders(answer, "own"))).toEqual({
      "cache-control": "no-transform",
      "content-type": "text/event-stream",
      "retry-after": "3",
      "x-ratelimit-remaining": "0",
      "x-request-id": "req_1",
      "x-studio-request-id": "own",
    });
  });

  test.each([
    [{ "retry-after": "12" }, 12_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": "60", "retry-after-ms": "1234.4" }, 1_234],
    [{ "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "0" }, undefined],
    [{}, undefined],
  ])("reads the time to wait from %o: %s", (headers, waitMs) => {
    const now = new Date("2026-11-20T12:00:00Z");
    expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(waitMs);
  });

  test("reads Google's time to wait from the body", () => {
    expect(retryDelayMs(Buffer.from('{"error":{"details":[{ "retryDelay": "13.5s" }]}}'))).toBe(13_500);
    expect(retryDelayMs(Buffer.from("{}"))).toBeUndefined();
  });

  test("takes the real key out of a refusal, and nothing else", () => {
    const body = Buffer.from([0xff, ...Buffer.from("key sk-real, ü sk-real"), 0xfe]);
    const masked = Buffer.from([0xff, ...Buffer.from("key ********, ü ********"), 0xfe]);
    expect(withoutKey(body, "sk-real")).toEqual(masked);
    expect(withoutKey(body, "sk-other")).toBe(body);
    expect(withoutKey(body, null)).toBe(body);
  });
});

describe("paths", () => {
  test.each([
    ["v1/chat/completions", "openai-chat", "chat/completions", null, null],
    ["v1/responses", "openai-responses", "responses", null, null],
    ["v1/messages", "anthropic", "messages", null, null],
    [
      "v1beta/models/gemini-x:generateContent",
      "google",
      "models/gemini-x:generateContent",
      "gemini-x",
      false,
    ],
    [
      "v1beta/models/gemini-x%3AstreamGenerateContent",
      "google",
      "models/gemini-x:streamGenerateContent",
      "gemini-x",
      true,
    ],
  ])("%s is passed on", (path, format, to, model, streaming) => {
    expect(targetOf(path.split("/"))).toEqual({ format, path: to, model, streaming });
  });

  test.each([
    "v1/models",
    "v1/files",
    "v1/responses/resp_1",
    "v1/messages/count_tokens",
    "v1/messages/batches",
    "v1/chat/completions/",
    "v1/../v1/messages",
    "V1/messages",
    "v1beta/models/a/b:generateContent",
    "v1beta/models/a%2Fb:generateContent",
    "v1beta/models/x:countTokens",
    "v1beta/models/x:batchGenerateContent",
    "v1beta/tunedModels/x:generateContent",
    "v1/%E0%A4%A",
    "constructor",
    "",
  ])("%s is not", (path) => {
    expect(targetOf(path.split("/"))).toBeNull();
  });

  test.each([
    ["v1/messages", "anthropic", { type: "error", error: { type: "permission_error", message: "No." } }],
    ["v1beta/models/x", "google", { error: { code: 403, message: "No.", status: "PERMISSION_DENIED" } }],
    [
      "v1/responses",
      "openai-chat",
      { error: { message: "No.", type: "studio_gateway", code: "no", param: null } },
    ],
  ])("a refusal on %s has the form of its format", async (path, format, body) => {
    expect(errorFormatOf(path.split("/"))).toBe(format);
    const answer = refusal(errorFormatOf(path.split("/")), 403, "no", "No.");
    expect([answer.status, await answer.json()]).toEqual([403, body]);
  });
});

describe("bodies", () => {
  const chat = targetOf(["v1", "chat", "completions"])!;
  const google = targetOf(["v1beta", "models", "m:streamGenerateContent"])!;
  const read = async (body: BodyInit, target = chat, meteredOnly = true) =>
    await readCall(new Request("http://s/", { method: "POST", body }), target, {
      modelId: "m",
      name: "The Model",
      meteredOnly,
    });

  test("are passed on byte for byte", async () => {
    const body = ' {"n": 1.0, "big": 12345678901234567890, "model" : "m", "s": "\\u00fc ü" }\n';
    const result = await read(body, chat, false);
    expect(result).toMatchObject({ ok: true, streaming: false });
    expect(result.ok && Buffer.from(result.bytes).toString()).toBe(body);
  });

  test("get include_usage where a streamed chat lacks it, and every other byte stays", () => {
    const json = fc.json({ maxDepth: 3 });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), json),
        fc.option(fc.dictionary(fc.string(), fc.boolean()), { nil: undefined }),
        (others, options) => {
          const entries = Object.entries(others).filter(([name]) => name !== "stream_options");
          const text = `{ ${[
            ...entries.map(([name, value]) => `${JSON.stringify(name)} :${value}`),
            ...(options ? [`"stream_options": ${JSON.stringify(options)}`] : []),
            '"stream":true',
          ].join(" , ")}\n}`;
          const changed = withUsage(text, options);
          const parsed = JSON.parse(text) as Record<string, unknown>;
          const given = parsed.stream_options as object | undefined;
          expect(JSON.parse(changed)).toEqual({
            ...parsed,
            stream_options: { ...given, include_usage: true },
          });
          for (const [name, value] of entries) expect(changed).toContain(`${JSON.stringify(name)} :${value}`);
        },
      ),
    );
  });

  test("that ask for usage stay as they are", async () => {
    const body = '{"model":"m","stream":true,"stream_options":{"include_usage":true}}';
    const result = await read(body);
    expect(result.ok && Buffer.from(result.bytes).toString()).toBe(body);
  });

  test("are read at their top level as JSON says", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.nat(3), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const wanted = JSON.parse(text) as object;
        const found = topLevel(text).map(({ name, from, to }): [string, unknown] => [
          name,
          JSON.parse(text.slice(from, to)),
        ]);
        expect(found).toEqual(Object.entries(wanted));
      }),
    );
  });

  test("with very long texts are read quickly", () => {
    const text = JSON.stringify({ a: '\\"x'.repeat(3_000_000), b: "y".repeat(10_000_000), model: "m" });
    const tookMs = cpuMsOf(() => expect(topLevel(text).map(({ name }) => name)).toEqual(["a", "b", "model"]));
    expect(tookMs).toBeLessThan(5_000);
  });

  test.each([
    ["not JSON", "{", 400, "invalid_json"],
    ["no object", "[]", 400, "invalid_json"],
    ["nothing", "", 400, "invalid_json"],
    ["another model", '{"model":"other"}', 403, "model_not_allowed"],
    ["no model", "{}", 403, "model_not_allowed"],
    ["two models", '{"model":"other","model":"m"}', 400, "duplicate_name"],
    ["two spellings of a model", '{"Model":"other","model":"m"}', 400, "duplicate_name"],
    ["a model in disguise", '{"mod\\u0065l":"other","model":"m"}', 400, "duplicate_name"],
    ["further models", '{"model":"m","models":["m","other"]}', 403, "model_not_allowed"],
    ["a stored prompt", '{"model":"m","prompt":{"id":"p"}}', 403, "model_not_allowed"],
  ])("with %s are refused", async (_, body, status, code) => {
    expect(await read(body)).toMatchObject({ ok: false, status, code });
  });

  test("for Google may name the path's model alone", async () => {
    expect(await read('{"model":"models/m"}', google)).toMatchObject({ ok: true, streaming: true });
    expect(await read('{"model":"models/other"}', google)).toMatchObject({ code: "model_not_allowed" });
  });

  test("that are too large are refused, announced or not", async () => {
    const large = new Uint8Array(MAX_REQUEST_BYTES + 1);
    expect(await read(large)).toMatchObject({ ok: false, status: 413 });
    const announced = new Request("http://s/", {
      method: "POST",
      body: "{}",
      headers: { "content-length": String(MAX_REQUEST_BYTES + 1) },
    });
    const allowed = { modelId: "m", name: "m", meteredOnly: true };
    expect(await readCall(announced, chat, allowed)).toMatchObject({ ok: false, status: 413 });
  });
});
