import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPublicAddress } from "#net/addresses.ts";
import { checkUrl, ForbiddenAddress, guardedFetch } from "#server/net/guarded-fetch.ts";

const strict = { allowPrivate: false };
const lenient = { allowPrivate: true };

/** This machine in the many ways in which it can be written, private networks, clouds' metadata, special uses. */
const FORBIDDEN = `
  127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.255.255.254
  0.0.0.0 0 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
  localhost LOCALHOST localhost. foo.localhost ①②⑦.⓪.⓪.①
  10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 100.64.0.1 100.127.255.255
  [fc00::1] [fd12:3456::1] [fe80::1] [fec0::1] [::ffff:10.0.0.1] [::ffff:192.168.1.1]
  169.254.169.254 0xa9fea9fe 2852039166 [::ffff:169.254.169.254] [fd00:ec2::254] 169.254.170.2 100.100.100.200
  192.0.0.1 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
  255.255.255.255 192.88.99.1 [2001:db8::1] [2002:7f00:1::] [2002:a00:1::] [64:ff9b::7f00:1] [64:ff9b::10.0.0.1]
  [100::1] [ff02::1] [2001::1] [3fff::1]
`
  .trim()
  .split(/\s+/);

describe("addresses that people type", () => {
  test.each(FORBIDDEN)("https://%s/ is not reached", async (host) => {
    await expect(guardedFetch(`https://${host}/`, {}, strict)).rejects.toThrow(ForbiddenAddress);
  });

  test("there are enough of them", () => expect(FORBIDDEN.length).toBeGreaterThanOrEqual(60));

  test.each([
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "data:text/plain,hi",
    "https://user:pass@example.com/",
    "https://user@example.com/",
    "//example.com",
    "example.com",
    "",
  ])("%j is refused before anything is looked up", (text) => {
    expect(() => checkUrl(text, strict)).toThrow(ForbiddenAddress);
  });

  test.each(["https://api.x.ai/v1", "https://8.8.8.8/", "https://[2606:4700::1111]/v1"])(
    "%s may be reached",
    (text) => {
      expect(checkUrl(text, strict).href).toBe(new URL(text).href);
    },
  );

  test("the operator can allow private ones, and even then no other scheme", () => {
    expect(checkUrl("http://127.0.0.1:8080/v1", lenient).port).toBe("8080");
    expect(() => checkUrl("file:///etc/passwd", lenient)).toThrow(ForbiddenAddress);
  });
});

test.each([
  ["1.1.1.1", true],
  ["172.32.0.1", true],
  ["100.128.0.1", true],
  ["2606:4700::1111", true],
  ["fe80::1%eth0", false],
  ["::", false],
  ["not an address", false],
  ["", false],
])("is %s public: %s", (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});

describe("a connection", () => {
  let server: http.Server;
  let base: string;
  beforeAll(async () => {
    server = http.createServer((request, response) => {
      if (request.url === "/away") response.writeHead(302, { location: "http://127.0.0.1:1/secret" }).end();
      else if (request.url === "/echo") request.pipe(response);
      else response.writeHead(200, { "x-seen": request.headers["x-test"] ?? "" }).end("hello");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test("does not follow a redirect", async () => {
    await expect(guardedFetch(`${base}/away`, {}, lenient)).rejects.toThrow(/redirects elsewhere/);
  });

  test("carries method, headers and body", async () => {
    const answer = await guardedFetch(base, { headers: { "x-test": "yes" } }, lenient);
    expect([answer.status, answer.headers.get("x-seen"), await answer.text()]).toEqual([200, "yes", "hello"]);
    const echo = await guardedFetch(
      `${base}/echo`,
      { method: "POST", body: new TextEncoder().encode("ü") },
      lenient,
    );
    expect(await echo.text()).toBe("ü");
  });

  test("a name that leads to this machine is refused by the address that it leads to", async () => {
    // /etc/hosts of Debian knows it; nothing in its spelling says where it leads.
    await expect(guardedFetch("https://ip6-localhost/", {}, strict)).rejects.toThrow(
      /private network|ENOTFOUND|EAI_AGAIN/,
    );
  });

  test("ends with the signal", async () => {
    await expect(guardedFetch(base, { signal: AbortSignal.abort() }, lenient)).rejects.toThrow(/abort/i);
  });
});

test.each([
  "169.254.169.254",
  "2852039166",
  "0xa9fea9fe",
  "[fe80::1]",
  "[fd00:ec2::254]",
  "[::ffff:169.254.169.254]",
])(
  "%s, where machines find their credentials, is refused even where private networks are allowed",
  (host) => {
    expect(() => checkUrl(`http://${host}/latest`, lenient)).toThrow(/credentials of their own/);
  },
);

test.each(["127.0.0.1", "10.0.0.7", "192.168.1.2", "localhost", "[fd00::1]"])(
  "%s is not, where private networks are allowed",
  (host) => {
    expect(checkUrl(`http://${host}/v1`, lenient).hostname).toBe(host);
  },
);
