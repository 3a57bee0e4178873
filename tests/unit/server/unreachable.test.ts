import http from "node:http";
import type { AddressInfo } from "node:net";
import { NotFoundError, Sandbox, SandboxError, ServiceBusyError, TimeoutError } from "e2b";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isUnreachable, persistently } from "#server/convex/retry.ts";
import { problemResponse } from "#server/http/error.ts";
import { isSandboxUnreachable, tellingBreaks } from "#server/sandbox/unreachable.ts";
import { TransportError } from "#net/transport.ts";

const status = (code: number) => Object.assign(new SandboxError(`${code}: no`), { statusCode: code });

describe("what the sandbox's client throws", () => {
  test.each([
    ["its limit", new TimeoutError("late"), true],
    ["a busy host", new ServiceBusyError("busy"), true],
    ["a broken connection", new TransportError("reset", "broken"), true],
    ["a host that fails", status(502), true],
    ["a text that begins like a broken call's", new SandboxError("2: [unknown] fetch failed"), false],
    ["a host with a fault of its own", status(500), false],
    ["a refusal", status(400), false],
    ["a sandbox that is gone", new NotFoundError("gone"), false],
    ["a refusal by its number alone", new SandboxError("9: [failed_precondition] no"), false],
    ["a bug", new TypeError("x is undefined"), false],
  ])("%s", (_, error, unreachable) => {
    expect(isSandboxUnreachable(error)).toBe(unreachable);
  });
});

describe("CODE-7: a call into a sandbox", () => {
  /** A sandbox's daemon, whose answer each test decides. */
  let answer: (response: http.ServerResponse) => void = () => undefined;
  const envd = http.createServer((request, response) => {
    // Whether the sandbox lives is asked by the SDK itself.
    if (request.url === "/health") return void response.writeHead(204).end();
    request.resume();
    answer(response);
  });
  let sandbox: Sandbox;

  beforeAll(async () => {
    await new Promise<void>((resolve) => envd.listen(0, "127.0.0.1", resolve));
    sandbox = new Sandbox({
      sandboxId: "i1",
      envdVersion: "0.5.7",
      apiKey: "e2b_x",
      sandboxUrl: `http://127.0.0.1:${(envd.address() as AddressInfo).port}`,
    });
  });
  afterAll(() => {
    envd.close();
    envd.closeAllConnections();
  });

  const refusal = (code: string) => (response: http.ServerResponse) =>
    response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ code }));
  const list = async () => await sandbox.commands.list();
  const write = async () => await sandbox.files.write("/tmp/x", "x");

  test.each<[string, () => Promise<unknown>, (response: http.ServerResponse) => void, boolean]>([
    ["a connection that is closed", list, (response) => response.destroy(), true],
    [
      "an answer that is cut off",
      list,
      (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
        response.write("{", () => response.destroy());
      },
      true,
    ],
    ["a proxy that answers in its place", list, (response) => response.writeHead(503).end(), true],
    ["a proxy before its files", write, (response) => response.writeHead(504).end("Gateway Timeout"), true],
    ["a file's connection that is closed", write, (response) => response.destroy(), true],
    ["a refusal", list, refusal("failed_precondition"), false],
    ["a refusal whose code is that of a break", list, refusal("unknown"), false],
    ["a fault of its own", list, refusal("internal"), false],
    [
      "a file's refusal",
      write,
      (response) => response.writeHead(500).end("2: [unknown] fetch failed"),
      false,
    ],
  ])("%s", async (_, call, given, unreachable) => {
    answer = given;
    const error: unknown = await tellingBreaks(call).then(
      () => "it succeeded",
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(isSandboxUnreachable(error), String(error)).toBe(unreachable);
  });

  test("one that breaks makes no refusal elsewhere look broken", async () => {
    answer = (response) => response.destroy();
    const broken = tellingBreaks(list);
    await expect(broken).rejects.toThrow();
    answer = refusal("failed_precondition");
    const error: unknown = await tellingBreaks(list).catch((thrown: unknown) => thrown);
    expect(isSandboxUnreachable(error)).toBe(false);
  });
});

describe("CODE-7: a bug", () => {
  const bug = new TypeError("Cannot read properties of undefined (reading 'foo')");

  test("is not called an outage", async () => {
    expect(isUnreachable(bug)).toBe(false);
    const response = problemResponse(bug, new Request("http://studio.test/api/v1/y"), "req-1");
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: "internal", requestId: "req-1" });
  });

  test("is not tried again", async () => {
    const call = vi.fn(async () => {
      throw bug;
    });
    await expect(persistently("usage", 3_000, call)).rejects.toBe(bug);
    expect(call).toHaveBeenCalledTimes(1);
  });
});

test("an outage is answered as one, and nothing of its cause", async () => {
  const away = new TransportError("unavailable", "Convex answered 503: secret");
  const response = problemResponse(away, new Request("http://studio.test/api/v1/y"), "req-2");
  expect(response.status).toBe(503);
  expect(JSON.stringify(await response.json())).not.toContain("secret");
});

test("an outage that another copy of the module has thrown is one, too", async () => {
  vi.resetModules();
  const copy = await import("#net/transport.ts");
  expect(copy.TransportError).not.toBe(TransportError);
  expect(isUnreachable(new copy.TransportError("unavailable", "starting"))).toBe(true);
});
