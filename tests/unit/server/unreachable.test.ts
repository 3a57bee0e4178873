import { NotFoundError, SandboxError, ServiceBusyError, TimeoutError } from "e2b";
import { describe, expect, test, vi } from "vitest";
import { isUnreachable, persistently } from "#server/convex/retry.ts";
import { problemResponse } from "#server/http/error.ts";
import { isSandboxUnreachable } from "#server/sandbox/unreachable.ts";
import { TransportError } from "#net/transport.ts";

const status = (code: number) => Object.assign(new SandboxError(`${code}: no`), { statusCode: code });

describe("what the sandbox's client throws", () => {
  test.each([
    ["its limit", new TimeoutError("late"), true],
    ["a busy host", new ServiceBusyError("busy"), true],
    ["a broken connection", new TransportError("reset", "broken"), true],
    ["a call without an answer", new SandboxError("2: [unknown] fetch failed"), true],
    ["a host that fails", status(502), true],
    ["a proxy before its files", new SandboxError("504: Gateway Timeout"), true],
    ["a host with a fault of its own", status(500), false],
    ["a refusal", status(400), false],
    ["a sandbox that is gone", new NotFoundError("gone"), false],
    ["a refusal by its number alone", new SandboxError("9: [failed_precondition] no"), false],
    ["a bug", new TypeError("x is undefined"), false],
  ])("%s", (_, error, unreachable) => {
    expect(isSandboxUnreachable(error)).toBe(unreachable);
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
