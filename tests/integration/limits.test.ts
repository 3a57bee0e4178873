import http from "node:http";
import { expect, test } from "vitest";
import { MAX_TERMINALS } from "#contracts/terminals.ts";
import { Api } from "#tests/api.ts";
import { startStudio } from "#tests/studio.ts";

const REQUESTS_PER_MINUTE = 600;
const { stack, api } = await startStudio(async (all) =>
  all.map((service) => ({
    ...service,
    env: { ...service.env, STUDIO_REQUESTS_PER_MINUTE: String(REQUESTS_PER_MINUTE) },
  })),
);

test("SEC-20: 40 terminals opened at once are exactly as many as there may be", async () => {
  const { id } = await api.createSession();
  const open = async () =>
    await api.call<{ id: string }>("POST", `/api/studio/sessions/${id}/terminals`, { cols: 80, rows: 24 });
  const answers = await Promise.all(Array.from({ length: 40 }, open));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_TERMINALS);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(40 - MAX_TERMINALS);
  const { body } = await api.call<{ terminals: object[] }>("GET", `/api/studio/sessions/${id}/terminals`);
  expect(body.terminals).toHaveLength(MAX_TERMINALS);
  await api.stop(id);
});

test("SEC-19: a key has so many streams at once, is told so, and gets its places back", async () => {
  const { id } = await api.createSession();
  const streams = await Promise.all(
    Array.from({ length: 60 }, async () => await api.open(`/api/studio/sessions/${id}/events`)),
  );
  const refused = streams.filter(({ status }) => status === 429);
  expect(streams.filter(({ status }) => status === 200)).toHaveLength(30);
  expect(refused).toHaveLength(30);
  expect(refused[0]?.headers.get("retry-after")).not.toBeNull();
  expect(await refused[0]?.json()).toMatchObject({ code: "rate_limited" });
  await Promise.all(streams.map(async (stream) => await stream.body?.cancel().catch(() => undefined)));
  await expect
    .poll(
      async () => {
        const again = await api.open(`/api/studio/sessions/${id}/events`);
        await again.body?.cancel();
        return again.status;
      },
      { timeout: 10_000 },
    )
    .toBe(200);
  await api.stop(id);
});

/** Sends a body without saying how long it is, and goes on after the answer, until the server ends the connection. */
async function endless(path: string, headers: Record<string, string> = {}) {
  return await new Promise<{ status: number; sent: number; body: string }>((resolve, reject) => {
    let sent = 0;
    let answer: { status: number; body: string } | undefined;
    const request = http.request(
      stack.url + path,
      { method: "POST", headers: { "content-type": "application/json", origin: stack.url, ...headers } },
      (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => (body += chunk.toString()));
        response.on("end", () => {
          answer = { status: response.statusCode ?? 0, body };
        });
      },
    );
    request.on("error", () => undefined);
    request.on("close", () => {
      if (answer) resolve({ ...answer, sent });
      else reject(new Error("the connection ended without an answer"));
    });
    const write = () => {
      if (request.destroyed || sent > 1_000_000_000) return;
      sent += 65_536;
      request.write("x".repeat(65_536), () => setImmediate(write));
    };
    write();
  });
}

test.each(["/api/auth/sign-in/email", "/api/auth/sign-up/email", "/api/auth/organization/create"])(
  "SEC-4: a body without an end is refused by %s before anybody signs in",
  async (path) => {
    const answer = await endless(path);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "too_large" });
    expect(answer.sent).toBeLessThan(20_000_000);
  },
);

test("SEC-4: a member's body above the limit is refused as a problem", async () => {
  const answer = await endless("/api/studio/sessions", {
    authorization: `Bearer ${stack.credentials.apiKey}`,
  });
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "too_large" });
});

test("SEC-4: a page takes no body worth the name", async () => {
  const answer = await endless("/");
  expect(answer.status).toBe(413);
  expect(answer.sent).toBeLessThan(20_000_000);
});

test("too many requests are told when to come back", async () => {
  const key = await api.call<{ key: string }>("POST", "/api/v1/api-keys", { name: "busy" });
  const busy = Api.withKey(stack.url, key.body.key);
  const ask = async () => await busy.call("GET", "/api/studio/models", undefined, { impatient: true });
  const first = await ask();
  expect(first.headers.get("ratelimit-policy")).toBe(`"caller";q=${REQUESTS_PER_MINUTE};w=60`);
  expect(first.headers.get("ratelimit")).toMatch(/^"caller";r=\d+;t=\d+$/);
  for (let sent = 1; sent < REQUESTS_PER_MINUTE; sent += 25)
    await Promise.all(Array.from({ length: 25 }, ask));
  const refused = await ask();
  expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await api.call("GET", "/api/studio/models")).status).toBe(200);
});
