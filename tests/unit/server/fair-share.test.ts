import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { shareFairly } from "#server/http/fair-share.ts";

let server: http.Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(handle: (request: http.IncomingMessage, response: http.ServerResponse) => void) {
  server = http.createServer(handle);
  shareFairly(server);
  shareFairly(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const ask = async (url: string, key?: string) =>
  await fetch(url, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });

test("one key has four requests worked on at once; all are answered, and others do not wait for it", async () => {
  let working = 0;
  let most = 0;
  const open: (() => void)[] = [];
  const url = await serve((request, response) => {
    if (request.headers.authorization !== "Bearer busy") return void response.end("other");
    most = Math.max(most, ++working);
    open.push(() => {
      working -= 1;
      response.end("busy");
    });
  });
  const all = Array.from({ length: 30 }, async () => await (await ask(url, "busy")).text());
  await expect.poll(() => open.length).toBe(4);
  expect(await (await ask(url, "calm")).text()).toBe("other");
  expect(await (await ask(url)).text()).toBe("other");
  let answered = 0;
  await expect
    .poll(() => {
      for (const end of open.splice(0)) {
        answered += 1;
        end();
      }
      return answered;
    })
    .toBe(30);
  expect(new Set(await Promise.all(all))).toEqual(new Set(["busy"]));
  expect(most).toBe(4);
});

test("a stream that has begun is no longer counted", async () => {
  const url = await serve((_request, response) => response.writeHead(200).write("begun"));
  const streams = await Promise.all(Array.from({ length: 20 }, async () => await ask(url, "k")));
  expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
  for (const { body } of streams) await body?.cancel();
});

test("the page's own files have no share: a browser may ask for all of them at once", async () => {
  const url = await serve((_request, response) => response.end("file"));
  const files = Array.from({ length: 100 }, async () => await ask(`${url}/_next/static/chunks/a.js`, "k"));
  expect((await Promise.all(files)).map(({ status }) => status)).toEqual(files.map(() => 200));
});

test("far too many at once are refused in the form of every refusal", async () => {
  const open: (() => void)[] = [];
  const url = await serve((_request, response) => open.push(() => response.end()));
  const all = Array.from({ length: 260 }, async () => await ask(url, "k"));
  // The test ends the others' connections.
  for (const answer of all) answer.catch(() => undefined);
  const refused = await Promise.any(all.slice(220));
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refused.json()).toMatchObject({
    status: 429,
    code: "rate_limited",
    instance: "/",
    requestId: refused.headers.get("x-request-id"),
  });
});
