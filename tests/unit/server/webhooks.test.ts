import { createHmac } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { nextAttemptAt, WEBHOOK_RETRIES_MS } from "#domain/webhooks.ts";
import type { Data } from "#server/convex/client.ts";
import { seal } from "#server/keys/envelope.ts";
import { dataKeyFor } from "#server/keys/own-key.ts";
import { deliver } from "#server/webhooks/deliver.ts";
import { placeOf, signedHeaders } from "#server/webhooks/secret.ts";

const settings = {
  STUDIO_ALLOW_PRIVATE_URLS: true,
  STUDIO_KEK: `1:${Buffer.alloc(32, 1).toString("base64")}`,
};
vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => settings,
}));

const outcomes = vi.hoisted((): string[] => []);
vi.mock("../../../lib/server/telemetry/telemetry.ts", async (original) => ({
  ...(await original<object>()),
  metrics: () => ({ delivery: (outcome: string) => void outcomes.push(outcome) }),
}));

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
let server: http.Server;
let url: string;
let answer: (response: http.ServerResponse) => void;
const seen: { headers: http.IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      seen.push({ headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A webhook that is due, whose rows are kept here. */
function due(to = url): { data: Data; came: Record<string, unknown>[] } {
  const organizationId = "org";
  const { key, made } = dataKeyFor(organizationId, null);
  const ciphertext = seal(key, placeOf(organizationId, "one"), SECRET);
  const came: Record<string, unknown>[] = [];
  const run = {
    _id: "run1",
    _creationTime: 1_000,
    sessionId: "s1",
    input: "hi",
    status: "completed",
    output: "done",
    totalInputTokens: 1,
    totalOutputTokens: 2,
    totalCostMicroUsd: 3,
    completedAt: 5_000,
  };
  const claimed = { organizationId, url: to, ciphertext, sealedFor: "one", dataKey: made, attempt: 1, run };
  const answers: unknown[] = [claimed];
  const mutation = async (_: unknown, args: Record<string, unknown>) => {
    if ("attempt" in args) came.push(args);
    return await Promise.resolve("attempt" in args ? null : (answers.shift() ?? null));
  };
  return { data: { mutation, query: mutation } as Data, came };
}
const id = "hook1" as Id<"runWebhooks">;

test("a delivery is signed as Standard Webhooks says, with the run as the API has it", async () => {
  answer = (response) => response.writeHead(204).end();
  const { data, came } = due();
  await deliver(id, data);
  expect(came).toMatchObject([{ attempt: 1, status: 204 }]);
  const { headers, body } = seen.at(-1)!;
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const mac = createHmac("sha256", Buffer.alloc(32, 7)).update(signed).digest("base64");
  expect(headers).toMatchObject({ "webhook-id": "hook1", "webhook-signature": `v1,${mac}` });
  expect(JSON.parse(body)).toMatchObject({
    type: "run.completed",
    timestamp: "1970-01-01T00:00:05.000Z",
    data: { id: "run1", status: "completed", output: "done", total_tokens: 3 },
  });
  // Somebody else has taken it.
  await deliver(id, data);
  expect(came).toHaveLength(1);
});

test("the example of the standard", () => {
  const headers = signedHeaders(
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1_614_265_330_000,
    '{"test": 2432232314}',
  );
  expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test.each([
  [
    "a server's error",
    (response: http.ServerResponse) => void response.writeHead(500).end("inner words"),
    500,
  ],
  [
    "a redirect, which is not followed",
    (r: http.ServerResponse) => void r.writeHead(302, { location: "/x" }).end(),
    null,
  ],
  ["a connection that is cut", (response: http.ServerResponse) => void response.destroy(), null],
])("%s is noted, and what was said is not", async (_, answers, status) => {
  answer = answers;
  const { data, came } = due();
  await deliver(id, data);
  expect(came).toMatchObject([{ attempt: 1, status, error: expect.any(String) }]);
  expect(JSON.stringify(came)).not.toContain("inner words");
});

test("a receiver that takes too long is called that", async () => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  vi.spyOn(AbortSignal, "timeout").mockImplementation(() => timeout(50));
  answer = () => undefined;
  const { data, came } = due();
  await deliver(id, data);
  vi.restoreAllMocks();
  server.closeAllConnections();
  expect(came).toMatchObject([{ status: null, error: "No response in time." }]);
});

test("of an error without end, as much is told as is kept", async () => {
  vi.spyOn(http, "request").mockImplementation(() => {
    throw new Error("x".repeat(5_000));
  });
  const { data, came } = due();
  await deliver(id, data);
  vi.restoreAllMocks();
  expect(came).toMatchObject([{ error: "x".repeat(1_000) }]);
});

test("an address that has become forbidden is not called", async () => {
  settings.STUDIO_ALLOW_PRIVATE_URLS = false;
  const { length } = seen;
  const { data, came } = due();
  await deliver(id, data);
  expect(seen).toHaveLength(length);
  expect(came).toMatchObject([{ status: null, error: expect.any(String) }]);
  settings.STUDIO_ALLOW_PRIVATE_URLS = true;
});

test("attempts end after the last pause, and at once where nobody is there any more", () => {
  expect(nextAttemptAt(1, 500, 1_000)).toBe(6_000);
  expect(nextAttemptAt(WEBHOOK_RETRIES_MS.length, null, 0)).toBe(18_000_000);
  expect(nextAttemptAt(WEBHOOK_RETRIES_MS.length + 1, null, 0)).toBeNull();
  expect(nextAttemptAt(1, 410, 0)).toBeNull();
});

test("each attempt is counted by how it ended", async () => {
  outcomes.length = 0;
  answer = (response) => response.writeHead(204).end();
  await deliver(id, due().data);
  answer = (response) => response.writeHead(500).end();
  await deliver(id, due().data);
  await deliver(id, due("http://127.0.0.1:1/hook").data);
  expect(outcomes).toEqual(["delivered", "failed", "failed"]);
});
