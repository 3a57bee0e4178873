import { once } from "node:events";
import fs from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { VERSION } from "#domain/version.ts";
import { messagesOf } from "#sdk/sse.ts";
import { Studio, StudioError } from "#sdk/studio.ts";

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

let server: http.Server;
let studio: Studio;
/** What was asked, in order, and what is answered to each; the last answer holds for all that follow. */
let asked: string[];
let answers: Answer[];

beforeEach(async () => {
  asked = [];
  answers = [];
  server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  studio = new Studio({ url: `http://127.0.0.1:${port}/`, apiKey: "key" });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };

const html: Answer = (_, response) => response.writeHead(502).end("<html>");

describe("a call", () => {
  test("has its parameters in the address, and its key and body where they belong", async () => {
    let seen: http.IncomingHttpHeaders = {};
    let body = "";
    answers.push((request, response) => {
      seen = request.headers;
      request.on("data", (piece: Buffer) => (body += piece.toString()));
      request.on("end", () => json(200, { ok: true })(request, response));
    });
    await studio.call("POST /api/v1/runs/{run_id}/rerun", {
      params: { run_id: "a/b c" },
      body: {},
      idempotencyKey: "once",
    });
    expect(asked).toEqual(["POST /api/v1/runs/a%2Fb%20c/rerun"]);
    expect(seen).toMatchObject({
      authorization: "Bearer key",
      "idempotency-key": "once",
      "content-type": "application/json",
    });
    expect(body).toBe("{}");
  });

  test("leaves out of the address what is not given", async () => {
    answers.push(json(200, { runs: [], next_cursor: null }));
    const { runs } = await studio.call("GET /api/v1/runs", {
      query: { limit: 5, status: undefined as never },
    });
    expect(runs).toEqual([]);
    expect(asked).toEqual(["GET /api/v1/runs?limit=5"]);
  });

  test("without a body of its response gives null", async () => {
    answers.push((_, response) => response.writeHead(204).end());
    expect(
      await studio.call("DELETE /api/v1/provider-keys/{provider}", { params: { provider: "xai" } }),
    ).toBeNull();
  });

  test.each([
    [
      json(
        429,
        { code: "rate_limited", detail: "Wait a moment." },
        { "retry-after": "3", "x-request-id": "r1" },
      ),
      { status: 429, code: "rate_limited", message: "Wait a moment.", retryAfterMs: 3_000, requestId: "r1" },
    ],
    [html, { status: 502, code: "unreadable", retryAfterMs: undefined }],
  ])("that is refused says why", async (answer, error) => {
    answers.push(answer);
    await expect(studio.call("GET /api/v1/runs")).rejects.toMatchObject(error);
    await expect(studio.call("GET /api/v1/runs")).rejects.toBeInstanceOf(StudioError);
  });
});

const event = (seq: number) =>
  `id: ${seq}\nevent: llm.response.chunk\ndata: ${JSON.stringify({ seq, type: "llm.response.chunk" })}\n\n`;
const END = "event: end\ndata: {}\n\n";
const stream =
  (text: string, breaks = false): Answer =>
  (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(text, () => (breaks ? response.destroy() : response.end()));
  };
const seqsOf = async (options?: { after?: number; signal?: AbortSignal }) => {
  const seqs: number[] = [];
  for await (const { seq } of studio.events("s", options)) seqs.push(seq);
  return seqs;
};

describe("a session's events", () => {
  test("go on behind the last one after a connection that broke off, each once", async () => {
    answers.push(
      // In the middle of the third.
      stream(event(1) + event(2) + event(3).slice(0, 20), true),
      json(503, { code: "upstream_failed" }),
      stream(`: heartbeat\n\n${event(2)}${event(3)}${END}${event(4)}`),
    );
    expect(await seqsOf()).toEqual([1, 2, 3]);
    expect(asked).toEqual([0, 2, 2].map((after) => `GET /api/studio/sessions/s/events?after=${after}`));
  });

  test("are refused once where another try would be refused, too", async () => {
    answers.push(json(404, { code: "not_found", detail: "There's no such session." }));
    await expect(seqsOf({ after: 7 })).rejects.toMatchObject({ code: "not_found" });
    expect(asked).toEqual(["GET /api/studio/sessions/s/events?after=7"]);
  });

  test("end where nobody listens any longer", async () => {
    answers.push((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(event(1));
    });
    const leaving = new AbortController();
    const seqs: number[] = [];
    for await (const { seq } of studio.events("s", { signal: leaving.signal })) {
      seqs.push(seq);
      leaving.abort();
    }
    expect(seqs).toEqual([1]);
  });
});

test.each([["\n"], ["\r\n"], ["\r"]])(
  "messages are told apart however they are cut, with %j",
  async (end) => {
    const text = [
      ": a comment",
      "id: 1",
      "event: a",
      "data: one",
      "data: two: ü",
      "",
      "data:three",
      "",
      "",
    ].join(end);
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 2, 7, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (const piece of pieces) controller.enqueue(piece);
          controller.close();
        },
      });
      const messages = [];
      for await (const message of messagesOf(body)) messages.push(message);
      // A carriage return at the very end may still be half of a line's end.
      expect(messages.slice(0, 1), `pieces of ${size}`).toEqual([
        { id: "1", event: "a", data: "one\ntwo: ü" },
      ]);
      if (end !== "\r") expect(messages[1]).toEqual({ id: undefined, event: "message", data: "three" });
    }
  },
);

test("the package has the version of the API, and needs no other", async () => {
  const text = await fs.readFile(path.resolve(import.meta.dirname, "../../../lib/sdk/package.json"), "utf8");
  const { version, ...rest } = JSON.parse(text) as Record<string, unknown>;
  expect(version).toBe(VERSION);
  expect(Object.keys(rest).filter((name) => /dependencies/i.test(name))).toEqual([]);
});
