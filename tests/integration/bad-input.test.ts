import { describe, expect, test } from "vitest";
import { usageResponse } from "#contracts/billing.ts";
import { Api, type Answer, until } from "#tests/api.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { Visitor } from "#tests/visitor.ts";

const { stack, api } = await sharedStudio();
const sessionId = (await api.createSession()).id;
const runId = await api.send(sessionId, "create a file a.txt containing a");
await api.question(runId);

/** Every refusal has the same form, and says what happened. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, code, requestId: expect.any(String) });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(String(answer.body.detail).length).toBeGreaterThan(10);
}

const demo = { environment: "development", provider: "demo", model: "demo" };

describe("creating a session", () => {
  test.each([
    ["an unknown provider", { ...demo, provider: "acme" }, "unknown_provider"],
    ["an unknown model", { ...demo, model: "demo-9" }, "unknown_model"],
    ["no provider", { environment: "development" }, "invalid_request"],
    ["an unknown environment", { ...demo, environment: "staging" }, "invalid_request"],
    ["an unknown field", { ...demo, colour: "red" }, "invalid_request"],
    ["an array", [], "invalid_request"],
    ["null", null, "invalid_request"],
  ])("refuses %s", async (_what, body, code) => {
    expectProblem(await api.call("POST", "/api/studio/sessions", body), 400, code);
  });

  test("refuses a production session to a development key", async () => {
    expectProblem(
      await api.call("POST", "/api/studio/sessions", { ...demo, environment: "production" }),
      403,
      "forbidden",
    );
  });
});

describe("sending a message", () => {
  const path = () => `/api/studio/sessions/${sessionId}/message`;

  test.each([
    ["an empty message", { message: "" }],
    ["only spaces", { message: "  \n " }],
    ["no message", {}],
    ["a number", { message: 7 }],
  ])("refuses %s", async (_what, body) => {
    expectProblem(await api.call("POST", path(), body), 400, "invalid_request");
  });

  test("refuses more than 100 kB, counted in bytes", async () => {
    expectProblem(await api.call("POST", path(), { message: "ü".repeat(50_001) }), 413, "too_large");
    expectProblem(await api.call("POST", path(), { message: "x".repeat(3_000_000) }), 413, "too_large");
  });

  test("refuses malformed JSON and other content types", async () => {
    expectProblem(await api.call("POST", path(), undefined, { raw: '{"message": ' }), 400, "invalid_request");
    expectProblem(
      await api.call("POST", path(), undefined, {
        raw: "message=hi",
        headers: { "content-type": "text/plain" },
      }),
      415,
      "unsupported_media_type",
    );
  });

  test("refuses the eleventh that waits, and none before", async () => {
    for (let n = 0; n < 10; n++) await api.send(sessionId, `list files ${n}`);
    expectProblem(await api.call("POST", path(), { message: "one more" }), 409, "queue_full");
  });
});

describe("requests that the framework alone would answer", () => {
  test("SEC-16: a method that an address has not is a problem, and names the ones that it has", async () => {
    const answer = await api.call("PUT", `/api/studio/sessions/${sessionId}/message?a=b`, { message: "hi" });
    expectProblem(answer, 405, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe("POST");
    expect(answer.body).toMatchObject({
      kind: "method_unknown",
      params: { method: "PUT", allowed: ["POST"] },
      instance: `/api/studio/sessions/${sessionId}/message`,
    });
  });

  test.each(["%E0%A4%A", "%", "%zz"])("SEC-16: an escape that is none is a problem: %s", async (id) => {
    const answer = await api.call("GET", `/api/studio/sessions/${id}`);
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.kind).toBe("address_invalid");
  });

  test("SEC-17: JSON that nests without an end is a problem", async () => {
    const raw = "[".repeat(400_000);
    const answer = await api.call("POST", "/api/studio/sessions", undefined, { raw });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body).toMatchObject({ kind: "json_too_deep", params: { limit: 64 } });
  });

  test("a client cannot have itself refused in Studio's name", async () => {
    const headers = { "x-studio-refused": "%7B%7D" };
    expect((await api.call("GET", "/api/v1/health", undefined, { headers })).status).toBe(200);
    expectProblem(await api.call("GET", "/api/nothing", undefined, { headers }), 404, "not_found");
  });
});

describe("who asks", () => {
  test("another site's page may not write with a person's cookie", async () => {
    const visitor = await Visitor.signIn(stack.url, stack.credentials);
    const write = async (origin: string) =>
      await visitor.call("POST", `/api/studio/sessions/${sessionId}/keepalive`, undefined, {
        headers: { origin },
      });
    expectProblem(await write("https://evil.example"), 403, "forbidden");
    expectProblem(await write("null"), 403, "forbidden");
    expect((await write(stack.url)).status).toBe(200);
  });

  test("a person without an organization is told so", async () => {
    const visitor = await Visitor.signUp(stack.url);
    expectProblem(await visitor.call("GET", "/api/studio/sessions"), 403, "forbidden");
  });
});

describe("ids and cursors from nowhere", () => {
  test.each(["zzz", "%00", "k".repeat(300), "../../etc/passwd", "jn7cp31kz0ea27d40kw00tyqjd8jkbke"])(
    "%s is not found",
    async (id) => {
      expectProblem(
        await api.call("GET", `/api/studio/sessions/${encodeURIComponent(id)}`),
        404,
        "not_found",
      );
    },
  );

  test("a cursor of nobody's, a limit out of range", async () => {
    for (const query of ["cursor=nonsense", "limit=0", "limit=1000", "limit=x"])
      expectProblem(await api.call("GET", `/api/studio/sessions?${query}`), 400, "invalid_request");
    expectProblem(
      await api.call("GET", `/api/studio/sessions/${sessionId}/events?after=-1`),
      400,
      "invalid_request",
    );
  });
});

describe("the gateway", () => {
  const chat = "/api/gateway/demo/v1/chat/completions";
  const body = { model: "demo", messages: [{ role: "user", content: "hi" }] };

  test("takes no call without a session's token: an API key is none", async () => {
    for (const key of ["", "gw_studio_wrong", stack.credentials.apiKey]) {
      const answer = await new Api(stack.url, { authorization: `Bearer ${key}` }).call("POST", chat, body);
      expect(answer).toMatchObject({ status: 401, body: { error: { code: "invalid_token" } } });
    }
  });
});

describe("stopping a run", () => {
  const path = () => `/api/studio/sessions/${sessionId}/cancel`;

  test.each([
    ["a number", { runId: 7 }],
    ["no id", { runId: "" }],
    ["an unknown field", { run: "x" }],
    ["an array", []],
  ])("refuses %s", async (_what, body) => {
    expectProblem(await api.call("POST", path(), body), 400, "invalid_request");
  });

  test("knows no run of another session", async () => {
    expectProblem(await api.call("POST", path(), { runId: "none" }), 404, "not_found");
    const other = await api.createSession();
    const runId = await api.send(other.id, "create a file b.txt containing b");
    expectProblem(await api.call("POST", path(), { runId }), 404, "not_found");
    expect((await api.run(runId)).status).not.toBe("cancelled");
    await api.stop(other.id);
  });

  test("takes a body as JSON, and needs none", async () => {
    const text = { raw: "runId=1", headers: { "content-type": "text/plain" } };
    expectProblem(await api.call("POST", path(), undefined, text), 415, "unsupported_media_type");
    const broken = { raw: "{", headers: { "content-type": "application/json" } };
    expectProblem(await api.call("POST", path(), undefined, broken), 400, "invalid_request");

    const own = await api.createSession();
    const cancel = `/api/studio/sessions/${own.id}/cancel`;
    const working = await api.send(own.id, "create a file c.txt containing c");
    await api.question(working);
    const waiting = await api.send(own.id, "list files");
    expect((await api.call("POST", cancel, { runId: waiting })).status).toBe(202);
    expect((await api.run(waiting)).status).toBe("cancelled");
    expect((await api.run(working)).status).toBe("running");
    expect((await api.call("POST", cancel)).status).toBe(202);
    await until("the run's end", async () => (await api.run(working)).status === "cancelled");
    await api.stop(own.id);
  });
});

test.each([
  ["/api/studio/sessions?agent=x", "agent"],
  ["/api/v1/runs?statuses=failed", "statuses"],
  ["/api/v1/api-keys?a=b", "a"],
  ["/api/studio/models?cache=1", "cache"],
])("a parameter that is none is refused, not passed over: %s", async (address, name) => {
  const answer = await api.call("GET", address);
  expectProblem(answer, 400, "invalid_request");
  expect(answer.body.detail).toContain(`“${name}”`);
});

describe("asking for usage", () => {
  test.each(["0", "91", "7.5", "all", "-1"])("refuses %s days", async (days) => {
    expectProblem(await api.call("GET", `/api/v1/usage?days=${days}`), 400, "invalid_request");
  });

  test("answers as its contract says, and what the ledger says", async () => {
    const answer = usageResponse.parse((await api.call("GET", "/api/v1/usage")).body);
    expect(answer).toMatchObject({ complete: true, counted_from: null });
    const ledger = await api.call<{ entries: { kind: string; delta_micro_usd: number }[] }>(
      "GET",
      "/api/v1/credits/ledger?limit=100",
    );
    const charged = ledger.body.entries
      .filter((entry) => entry.kind === "charge")
      .reduce((sum, entry) => sum - entry.delta_micro_usd, 0);
    expect(answer.usage.reduce((sum, group) => sum + group.cost_micro_usd, 0)).toBe(charged);
    expect(charged).toBeGreaterThan(0);
  });
});
