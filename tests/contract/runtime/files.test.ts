import { createHash, randomBytes } from "node:crypto";
import { makeFunctionReference } from "convex/server";
import { expect, test } from "vitest";
import { client, served } from "./served-app.ts";

type File = { id: string };
const uploadUrl = makeFunctionReference<"mutation", Record<string, never>, string>("files:uploadUrl");
const urlOf = makeFunctionReference<"query", File, string | null>("files:url");
const metadata = makeFunctionReference<"query", File, { row: Record<string, unknown> | null; all: number }>(
  "files:metadata",
);
const remove = makeFunctionReference<"mutation", File>("files:remove");
const copy = makeFunctionReference<"action", File, string>("files:copy");

const bytes = randomBytes(1_300_000);
const digest = createHash("sha256").update(bytes).digest("base64");

async function upload(body: Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(await client.mutation(uploadUrl, {}), {
    method: "POST",
    headers: { "content-type": "image/png", ...headers },
    body: new Uint8Array(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as { storageId: string; message?: string },
  };
}

test("a file goes up and comes down, whole or in part", async () => {
  const { body } = await upload(bytes, { digest: `sha-256=${digest}` });
  const id = body.storageId;
  const { row } = await client.query(metadata, { id });
  expect(row).toMatchObject({ _id: id, size: bytes.length, sha256: digest, contentType: "image/png" });
  const url = (await client.query(urlOf, { id })) ?? "";
  const whole = await fetch(url);
  expect(whole.headers.get("content-type")).toBe("image/png");
  expect(whole.headers.get("cache-control")).toBe("private, max-age=2592000");
  expect(whole.headers.get("content-length")).toBe(String(bytes.length));
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  const ranges: [string, number, number][] = [
    ["bytes=0-9", 0, 10],
    ["bytes=524280-1048600", 524_280, 1_048_601],
    ["bytes=1299990-", 1_299_990, 1_300_000],
    ["bytes=-5", 1_299_995, 1_300_000],
  ];
  for (const [range, from, to] of ranges) {
    const part = await fetch(url, { headers: { range } });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/${bytes.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(from, to))).toBe(true);
  }
  expect((await fetch(url, { headers: { range: "bytes=9999999-" } })).status).toBe(416);
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, head.headers.get("accept-ranges")]).toEqual([200, "bytes"]);
  const etag = whole.headers.get("etag") ?? "";
  expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
});

test("an action reads and stores files; a deleted one is gone from everywhere", async () => {
  const { body } = await upload(Buffer.from("hello"));
  const copied = await client.action(copy, { id: body.storageId });
  const url = (await client.query(urlOf, { id: copied })) ?? "";
  expect(await (await fetch(url)).text()).toBe("hello");
  await client.mutation(remove, { id: copied });
  expect(await client.query(urlOf, { id: copied })).toBeNull();
  const gone = await fetch(url);
  expect([gone.status, await gone.json()]).toEqual([
    404,
    { code: "FileNotFound", message: `File ${copied} not found` },
  ]);
  await expect(client.action(copy, { id: copied })).rejects.toThrow("there is no such file");
});

test("what is not what it says, or comes without a good URL, is not stored", async () => {
  const before = (await client.query(metadata, { id: (await upload(bytes)).body.storageId })).all;
  expect(await upload(bytes, { digest: `sha-256=${"A".repeat(43)}=` })).toMatchObject({ status: 400 });
  const forged = await fetch(`${served.url}/api/storage/upload?token=9999999999999.aa.bb`, {
    method: "POST",
    body: "x",
  });
  expect(forged.status).toBe(401);
  expect(await forged.json()).toMatchObject({ code: "StorageTokenInvalid" });
  const astray = await fetch(`${served.url}/api/storage/nothing`);
  expect([astray.status, await astray.json()]).toMatchObject([400, { code: "InvalidStoragePath" }]);
  const { storageId } = (await upload(Buffer.alloc(0))).body;
  expect((await client.query(metadata, { id: storageId })).all).toBe(before + 1);
});

test("HTTP actions stream both ways, and a client that leaves ends the stream", async () => {
  const streamed = await fetch(`${served.siteUrl}/stream/2000`);
  expect((await streamed.arrayBuffer()).byteLength).toBe(2_000_000);
  const sized = await fetch(`${served.siteUrl}/size`, { method: "POST", body: new Uint8Array(bytes) });
  expect(await sized.text()).toBe(String(bytes.length));
  const abort = new AbortController();
  const endless = await fetch(`${served.siteUrl}/stream/1000000000`, { signal: abort.signal });
  await endless.body?.getReader().read();
  abort.abort();
  expect(await (await fetch(`${served.siteUrl}/stream/1`)).text()).toHaveLength(1_000);
});
