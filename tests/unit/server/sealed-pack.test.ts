import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { FolderStore } from "#server/checkpoints/folder-store.ts";
import { packKeyForSaving, packKeyName } from "#server/checkpoints/pack-keys.ts";
import { packOf, Spoiled } from "#server/checkpoints/restore.ts";
import { sealedBytes, sealing, Tampered, unsealing } from "#server/checkpoints/sealed-pack.ts";
import { CannotOpen, newDataKey, parseKeyring } from "#server/keys/envelope.ts";
import { fakeData } from "#tests/fake-data.ts";
import { createHash } from "node:crypto";

const base = fs.mkdtempSync(path.join(os.tmpdir(), "sealed-"));
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

const PIECE = 65_536;
const HEADER = 37;
const SEALED_PIECE = PIECE + 16;
const key = randomBytes(32);
const place = { organizationId: "o", storedAs: "s/one.pack" };

const streamOf = (bytes: Uint8Array, by = 10_000) => {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + by));
      at += by;
    },
  });
};
const bytesOf = async (stream: ReadableStream<Uint8Array>) =>
  Buffer.from(await new Response(stream).arrayBuffer());
const seal = async (bytes: Uint8Array) => await bytesOf(streamOf(bytes).pipeThrough(sealing(key, place)));
const unseal = async (bytes: Uint8Array, by?: number, at = place, with_ = key) =>
  await bytesOf(streamOf(bytes, by).pipeThrough(unsealing(with_, at)));

test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])(
  "%i bytes come back",
  async (length) => {
    const plain = randomBytes(length);
    const sealed = await seal(plain);
    expect(sealed.length).toBe(sealedBytes(length));
    for (const by of [1_000, HEADER, SEALED_PIECE, sealed.length])
      expect((await unseal(sealed, by)).equals(plain)).toBe(true);
    // The same bytes lie there in another way each time.
    expect((await seal(plain)).equals(sealed)).toBe(false);
  },
);

describe("what was changed in the store is found:", async () => {
  const sealed = await seal(randomBytes(3 * PIECE + 7));
  const piece = (n: number) => sealed.subarray(HEADER + n * SEALED_PIECE, HEADER + (n + 1) * SEALED_PIECE);
  const head = sealed.subarray(0, HEADER);
  const flipped = (at: number) => {
    const bytes = Buffer.from(sealed);
    bytes[at]! ^= 1;
    return bytes;
  };
  test.each([
    ["a bit of it", flipped(HEADER + PIECE + 100)],
    ["a bit of the last tag", flipped(sealed.length - 1)],
    ["a bit of the salt", flipped(10)],
    ["its first sign", flipped(0)],
    ["two pieces in another order", Buffer.concat([head, piece(1), piece(0), piece(2), piece(3)])],
    ["a piece that is missing", Buffer.concat([head, piece(0), piece(2), piece(3)])],
    ["its end cut off, at a piece", sealed.subarray(0, HEADER + 2 * SEALED_PIECE)],
    ["its end cut off, within one", sealed.subarray(0, sealed.length - 5)],
    ["all but its header", head],
    ["all but half its header", sealed.subarray(0, 20)],
    ["nothing there", Buffer.alloc(0)],
    ["more behind its end", Buffer.concat([sealed, Buffer.from("x")])],
    ["a pack in clear in its place", Buffer.from(`PACK${"x".repeat(100)}`)],
  ])("%s", async (_what, bytes) => {
    await expect(unseal(bytes)).rejects.toThrow(Tampered);
  });

  test("another place, another organization, another key", async () => {
    await expect(unseal(sealed, PIECE, { ...place, storedAs: "s/two.pack" })).rejects.toThrow(Tampered);
    await expect(unseal(sealed, PIECE, { ...place, organizationId: "p" })).rejects.toThrow(Tampered);
    await expect(unseal(sealed, PIECE, place, randomBytes(32))).rejects.toThrow(Tampered);
  });

  test("a format of a later release is not taken for a spoiled one", async () => {
    const later = Buffer.from(sealed);
    later[4] = 2;
    await expect(unseal(later)).rejects.toThrow(CannotOpen);
  });
});

test("memory stays bounded, however long a pack is", async () => {
  const piece = randomBytes(1_000_000);
  let left = 300;
  const long = new ReadableStream<Uint8Array>({
    pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()),
  });
  let bytes = 0;
  let most = 0;
  const out = long.pipeThrough(sealing(key, place)).pipeThrough(unsealing(key, place));
  for await (const one of out) {
    bytes += one.length;
    most = Math.max(most, process.memoryUsage().external);
  }
  expect(bytes).toBe(300_000_000);
  expect(most).toBeLessThan(200_000_000);
});

const keyText = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const ring = parseKeyring(`1:${keyText(1)}`);
const organizationId = "organization" as Id<"organizations">;

test("an organization's first key is made, the latest is used, and a lost one is followed by another", async () => {
  const rows: { id: string; wrapped: string; kekVersion: number }[] = [];
  const { data } = fakeData({
    "checkpointKeys:add": ({ wrapped, kekVersion }) => {
      rows.push({ id: `key-${rows.length}`, wrapped: String(wrapped), kekVersion: Number(kekVersion) });
      return rows.at(-1);
    },
  });
  const first = await packKeyForSaving(data, ring, organizationId, null);
  const again = await packKeyForSaving(data, ring, organizationId, rows[0] as never);
  expect(again.key.equals(first.key)).toBe(true);
  expect(rows).toHaveLength(1);
  const other = parseKeyring(`2:${keyText(2)}`);
  const next = await packKeyForSaving(data, other, organizationId, rows[0] as never);
  expect(next.id).toBe("key-1");
  expect(next.key.equals(first.key)).toBe(false);
});

describe("of a stored checkpoint", async () => {
  const store = new FolderStore(path.join(base, "store"));
  const plain = randomBytes(200_000);
  const made = newDataKey(ring, packKeyName("organization"));
  const row = {
    checkpointId: "checkpoint",
    organizationId: "organization",
    storedAs: "s/one.pack",
    bytes: plain.length,
    sha256: createHash("sha256").update(plain).digest("hex"),
    key: { id: "key", ...made.stored },
  } as never as Parameters<typeof packOf>[1];
  const at = { organizationId: "organization", storedAs: "s/one.pack" };
  const file = path.join(base, "store/s/one.pack");
  const put = async () =>
    await store.put(at.storedAs, streamOf(plain).pipeThrough(sealing(made.dataKey, at)), 1e6);
  const read = async (one = row, by = ring) => {
    const told: Error[] = [];
    const got = await packOf({ store, ring: by }, one, (error) => void told.push(error))
      .then(bytesOf)
      .catch((error: unknown) => error as Error);
    return { told: told[0], got };
  };

  test("the bytes come in clear, also of one that was stored before anything was sealed", async () => {
    await put();
    expect((await read()).got).toEqual(plain);
    await store.put(at.storedAs, streamOf(plain), 1e6);
    expect((await read({ ...row, key: null })).got).toEqual(plain);
    // A sealed one isn't replaced by one in clear.
    expect(await read()).toMatchObject({
      told: expect.any(Spoiled) as Error,
      got: expect.any(Spoiled) as Error,
    });
  });

  test("what was changed is spoiled, and what no key opens is not", async () => {
    await put();
    const bytes = fs.readFileSync(file);
    bytes[100_000]! ^= 1;
    fs.writeFileSync(file, bytes);
    expect((await read()).told).toBeInstanceOf(Spoiled);
    expect((await read(row, parseKeyring(`2:${keyText(2)}`))).got).toBeInstanceOf(CannotOpen);
  });
});
