import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limitBodies } from "#server/http/body-limits.ts";

let server: http.Server;
let port: number;
let taken = 0;

beforeAll(async () => {
  limitBodies();
  server = http.createServer((request, response) => {
    request.on("data", (chunk: Buffer) => (taken += chunk.length));
    request.on("end", () => response.end("whole"));
    if (request.url === "/api/refuses") response.writeHead(413).end("too large");
    if (request.url === "/api/reads")
      request.once("data", () => setImmediate(() => response.writeHead(413).end("too large")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.closeAllConnections());

/** Sends so many bytes, or until the connection ends. */
async function send(path: string, bytes: number, headers: Record<string, string> = {}) {
  taken = 0;
  return await new Promise<{ status: number | undefined; sent: number; answer: string }>((resolve) => {
    let status: number | undefined;
    let answer = "";
    let sent = 0;
    const request = http.request({ port, path, method: "POST", headers, agent: false }, (response) => {
      status = response.statusCode;
      response.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    });
    request.on("error", () => undefined);
    request.on("close", () => resolve({ status, sent, answer }));
    const write = () => {
      if (request.destroyed) return;
      if (sent >= bytes) return request.end();
      sent += 16_384;
      request.write("x".repeat(16_384), () => setImmediate(write));
    };
    write();
  });
}

test("SEC-4: a page's body without an end is refused, and its connection ended", async () => {
  const { status, sent, answer } = await send("/", 500_000_000);
  expect(status).toBe(413);
  expect(JSON.parse(answer)).toMatchObject({ status: 413, code: "too_large", instance: "/" });
  expect(sent).toBeLessThan(20_000_000);
  expect(taken).toBeLessThanOrEqual(64_000);
});

test("SEC-4: one that says how long it is, is refused before it is read", async () => {
  expect((await send("/", 300_000, { "content-length": "311296" })).status).toBe(413);
  expect(taken).toBe(0);
});

test("SEC-4: a request that was refused is not read on to its end", async () => {
  const { status, sent } = await send("/api/refuses", 500_000_000);
  expect(status).toBe(413);
  expect(sent).toBeLessThan(20_000_000);
});

test("SEC-4: an answer reaches a client that goes on sending as fast as it can", async () => {
  const block = Buffer.alloc(262_144, "x");
  const answered = await Promise.all(
    Array.from(
      { length: 20 },
      async () =>
        await new Promise<string>((resolve) => {
          const socket = net.connect(port, "127.0.0.1");
          let answer = "";
          const write = () => {
            if (!socket.destroyed) socket.write(block, () => setImmediate(write));
          };
          socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
          // What comes first tells: an orderly end, or a reset, by which a client may lose what it has not read.
          socket.on("error", () => resolve("reset"));
          socket.on("end", () => {
            resolve(answer);
            socket.destroy();
          });
          socket.write("POST /api/reads HTTP/1.1\r\nhost: x\r\ncontent-length: 500000000\r\n\r\n");
          write();
        }),
    ),
  );
  expect(answered.filter((answer) => answer.startsWith("HTTP/1.1 413 "))).toHaveLength(20);
});

test("what is within its limits passes whole", async () => {
  expect(await send("/", 32_768)).toEqual({ status: 200, sent: 32_768, answer: "whole" });
  expect(await send("/api/x", 1_015_808)).toMatchObject({ status: 200 });
  expect(await send("/api/gateway/x", 10_000_000)).toMatchObject({ status: 200 });
  expect(taken).toBeGreaterThanOrEqual(10_000_000);
});

test("a connection whose small body was refused unread serves the next request", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (path: string, body: string) =>
    await new Promise<{ status: number | undefined; port: number | undefined }>((resolve, reject) => {
      const headers = { "content-length": Buffer.byteLength(body) };
      const request = http.request({ port, path, method: "POST", agent, headers }, (response) => {
        const { localPort } = response.socket;
        response.resume().on("end", () => resolve({ status: response.statusCode, port: localPort }));
      });
      request.on("error", reject);
      // Its answer is there before its body.
      request.flushHeaders();
      setTimeout(() => request.end(body), 50);
    });
  const first = await ask("/api/refuses", "x".repeat(1_000));
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const second = await ask("/", "y");
  agent.destroy();
  expect([first.status, second.status]).toEqual([413, 200]);
  expect(second.port).toBe(first.port);
});
