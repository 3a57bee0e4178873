import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, call } from "../../../lib/client/api.ts";

const sent: { path: string; init: RequestInit }[] = [];
let respond: () => Response;

beforeEach(() => {
  sent.length = 0;
  respond = () => Response.json({ ok: true });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    sent.push({ path, init });
    return respond();
  });
});
afterEach(() => vi.unstubAllGlobals());

test("a call fills in the path and the query, and sends its body as JSON", async () => {
  await call("GET /api/v1/sessions/{id}/events", { params: { id: "a/b" }, query: { limit: 5 } });
  expect(sent[0]).toMatchObject({ path: "/api/v1/sessions/a%2Fb/events?limit=5", init: { method: "GET" } });
  expect(sent[0]?.init.body).toBeUndefined();
  await call("POST /api/studio/sessions/{id}/message", { params: { id: "s" }, body: { message: "hi" } });
  expect(sent[1]).toMatchObject({
    path: "/api/studio/sessions/s/message",
    init: {
      method: "POST",
      body: '{"message":"hi"}',
      headers: { "content-type": "application/json" },
      credentials: "same-origin",
    },
  });
});

test("each call begins a trace of its own", async () => {
  for (let n = 0; n < 2; n += 1) await call("GET /api/v1/credits");
  const traces = sent.map(({ init }) => new Headers(init.headers).get("traceparent"));
  for (const trace of traces) expect(trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(new Set(traces).size).toBe(2);
});

test("it returns what came, and nothing where nothing came", async () => {
  respond = () => Response.json({ balance_micro_usd: 3, held_micro_usd: 1, available_micro_usd: 2 });
  expect((await call("GET /api/v1/credits")).available_micro_usd).toBe(2);
  respond = () => new Response(null, { status: 204 });
  expect(await call("DELETE /api/v1/api-keys/{id}", { params: { id: "k" } })).toBeUndefined();
});

test("a refusal is an error with its code, its sentence and its request", async () => {
  const said = { kind: "model_unknown", params: { model: "m" } };
  const problem = { code: "no_key", ...said, detail: "Add a key.", status: 402, requestId: "r1" };
  respond = () => Response.json(problem, { status: 402 });
  await expect(call("GET /api/v1/credits")).rejects.toMatchObject({
    name: "ApiError",
    message: "Add a key.",
    code: "no_key",
    ...said,
    status: 402,
    requestId: "r1",
  });
});

test("what is not JSON, and what never arrived, are errors of their own", async () => {
  respond = () => new Response("<html>");
  await expect(call("GET /api/v1/credits")).rejects.toMatchObject({ code: "bad_answer" });
  respond = () => {
    throw new TypeError("fetch failed");
  };
  await expect(call("GET /api/v1/credits")).rejects.toMatchObject({ code: "network", status: 0 });
  respond = () => {
    throw new DOMException("late", "TimeoutError");
  };
  await expect(call("GET /api/v1/credits")).rejects.toBeInstanceOf(ApiError);
});

test("a call that does not fit its route does not compile", async () => {
  const wrong = async () => {
    // @ts-expect-error the route has a parameter
    await call("GET /api/v1/runs/{run_id}");
    // @ts-expect-error the parameter has another name
    await call("GET /api/v1/runs/{run_id}", { params: { id: "r" } });
    // @ts-expect-error the body lacks its message
    await call("POST /api/studio/sessions/{id}/message", { params: { id: "s" }, body: {} });
    // @ts-expect-error there is no such setting
    const body: Parameters<typeof call<"PUT /api/v1/settings/{key}">>[1] = { params: { key: "colour" } };
    // @ts-expect-error a stream is not called for its JSON
    await call("GET /api/v1/events/stream");
    // @ts-expect-error the response has no such field
    return [(await call("GET /api/v1/credits")).balance, body];
  };
  expect(wrong).toBeTypeOf("function");
});
