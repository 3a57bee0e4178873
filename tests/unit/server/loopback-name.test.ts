import { NextRequest } from "next/server";
import { expect, test } from "vitest";
import { toOwnName } from "#server/http/loopback-name.ts";

async function asked(host: string, publicUrl: string, path = "/studio?q=1", method = "GET") {
  const answer = toOwnName(new NextRequest(`http://server${path}`, { method, headers: { host } }), publicUrl);
  return /http-equiv="refresh" content="0;url=([^"]*)"/.exec((await answer?.text()) ?? "")?.[1] ?? null;
}

test.each([
  ["127.0.0.1:3000", "http://localhost:3000", "http://localhost:3000/studio?q=1"],
  ["[::1]:3000", "http://localhost:3000", "http://localhost:3000/studio?q=1"],
  ["localhost:12001", "http://127.0.0.1:12001", "http://127.0.0.1:12001/studio?q=1"],
])("a page that is asked for at %s leads to Studio's own name", async (host, publicUrl, there) => {
  expect(await asked(host, publicUrl)).toBe(there);
});

test("nothing of the address becomes markup, or another site", async () => {
  const own = "http://localhost:3000";
  expect(await asked("127.0.0.1:3000", own, `/a"><script>x</script>?b="><i>&c='`)).toMatch(
    /^http:\/\/localhost:3000\/a[^"<>]*\?b=[^"<>]*&amp;c=[^"<>]*$/,
  );
  expect(await asked("127.0.0.1:3000", own, "//evil.example/x")).toMatch(/^http:\/\/localhost:3000\//);
});

test.each([
  ["its own name", "localhost:3000", "http://localhost:3000"],
  ["another port", "127.0.0.1:4000", "http://localhost:3000"],
  ["a name of the network", "studio.example:3000", "http://localhost:3000"],
  ["a proxy before it", "127.0.0.1", "https://studio.example"],
  ["no name at all", "", "http://localhost:3000"],
  ["what is no name", "a b:3000", "http://localhost:3000"],
])("%s is left alone", async (_, host, publicUrl) => {
  expect(await asked(host, publicUrl)).toBeNull();
});

test("what changes something is left alone", async () => {
  expect(await asked("127.0.0.1:3000", "http://localhost:3000", "/studio", "POST")).toBeNull();
});
