import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { causesOf, TransportError, transportKindOf } from "../../../lib/net/transport.ts";

const open: net.Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(server: net.Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const thrownBy = async (call: () => Promise<unknown>): Promise<unknown> =>
  await call().then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a real connection", () => {
  test("to a port where nobody listens was refused", async () => {
    const server = net.createServer();
    const url = await listen(server);
    await new Promise((resolve) => open.pop()?.close(resolve));
    expect(transportKindOf(await thrownBy(async () => await fetch(url)))).toBe("refused");
  });

  test("to a name that does not exist was refused", async () => {
    const error = await thrownBy(async () => await fetch("http://nobody.invalid/"));
    expect(transportKindOf(error)).toBe("refused");
  });

  test("that is ended before its answer was reset, for fetch and for node:http", async () => {
    const url = await listen(net.createServer((socket) => void socket.once("data", () => socket.destroy())));
    expect(transportKindOf(await thrownBy(async () => await fetch(url)))).toBe("reset");
    const byHttp = new Promise((resolve, reject) => http.get(url, resolve).once("error", reject));
    expect(transportKindOf(await thrownBy(async () => await byHttp))).toBe("reset");
  });

  test("that is ended in the middle of its answer was reset", async () => {
    const url = await listen(
      http.createServer((_, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("a", () => response.destroy());
      }),
    );
    const answer = await fetch(url);
    expect(transportKindOf(await thrownBy(async () => await answer.text()))).toBe("reset");
  });

  test("that says nothing within the caller's limit timed out", async () => {
    const url = await listen(net.createServer(() => undefined));
    const error = await thrownBy(async () => await fetch(url, { signal: AbortSignal.timeout(20) }));
    expect(transportKindOf(error)).toBe("timeout");
  });
});

describe("what is no connection's error", () => {
  test.each([
    ["a bug", new TypeError("Cannot read properties of undefined (reading 'foo')")],
    ["a bug that speaks of a connection", new TypeError("fetch failed: ECONNREFUSED socket hang up")],
    [
      "an address that is none",
      (() => new TypeError("Invalid URL", { cause: { code: "ERR_INVALID_URL" } }))(),
    ],
    ["what is no error", "ECONNREFUSED"],
    ["a code of the prototype", Object.assign(new Error("x"), { code: "constructor" })],
  ])("%s has no kind", (_, error) => {
    expect(transportKindOf(error)).toBeUndefined();
  });
});

test("the kind is found behind other errors, and a circle of causes ends", () => {
  const deep = new Error("outer", { cause: new TransportError("unavailable", "503") });
  expect(transportKindOf(deep)).toBe("unavailable");
  const circle: Error & { cause?: unknown } = new Error("a");
  circle.cause = circle;
  expect(transportKindOf(circle)).toBeUndefined();
  expect(causesOf(deep)).toBe("outer: 503");
});
