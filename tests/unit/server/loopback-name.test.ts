import { NextRequest } from "next/server";
import { expect, test } from "vitest";
import { toOwnName } from "#server/http/loopback-name.ts";

const asked = (host: string, publicUrl: string) =>
  toOwnName(new NextRequest("http://server/studio?q=1", { headers: { host } }), publicUrl)?.headers.get(
    "location",
  ) ?? null;

test.each([
  ["127.0.0.1:3000", "http://localhost:3000", "http://localhost:3000/studio?q=1"],
  ["[::1]:3000", "http://localhost:3000", "http://localhost:3000/studio?q=1"],
  ["localhost:12001", "http://127.0.0.1:12001", "http://127.0.0.1:12001/studio?q=1"],
])("a page that is asked for at %s leads to Studio's own name", (host, publicUrl, there) => {
  expect(asked(host, publicUrl)).toBe(there);
});

test.each([
  ["its own name", "localhost:3000", "http://localhost:3000"],
  ["another port", "127.0.0.1:4000", "http://localhost:3000"],
  ["a name of the network", "studio.example:3000", "http://localhost:3000"],
  ["a proxy before it", "127.0.0.1", "https://studio.example"],
  ["no name at all", "", "http://localhost:3000"],
  ["what is no name", "a b:3000", "http://localhost:3000"],
])("%s is left alone", (_, host, publicUrl) => {
  expect(asked(host, publicUrl)).toBeNull();
});
