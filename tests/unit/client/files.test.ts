import { afterEach, expect, test, vi } from "vitest";
import { decode, downloadPath, imageTypeOf, readHead, unopenable } from "#client/files.ts";

afterEach(() => vi.unstubAllGlobals());

const bytesOf = (...bytes: number[]) => new Uint8Array(bytes);

test.each([
  ["a.png", "image/png"],
  ["dir.svg/b.JPG", "image/jpeg"],
  ["logo.svg", "image/svg+xml"],
  ["photo.avif", "image/avif"],
  ["a.png.txt", undefined],
  ["png", undefined],
])("PAGE-12: %s is shown as %s", (path, type) => expect(imageTypeOf(path)).toBe(type));

test("PAGE-12: bytes are text where they are UTF-8, cut anywhere, else Western European, unless binary", () => {
  const e = bytesOf(0x63, 0x61, 0x66, 0xc3, 0xa9);
  expect(decode({ bytes: e, whole: true })).toEqual({ text: "café", encoding: "utf-8" });
  expect(decode({ bytes: e.slice(0, 4), whole: false })).toEqual({ text: "caf", encoding: "utf-8" });
  expect(decode({ bytes: bytesOf(0x63, 0x61, 0x66, 0xe9), whole: true })).toEqual({
    text: "café",
    encoding: "windows-1252",
  });
  expect(decode({ bytes: bytesOf(0x89, 0x50, 0), whole: true })).toBeNull();
});

test("PAGE-12: of a long file as much is read as is wanted, and the rest is not fetched", async () => {
  let cancelled = false;
  let sent = 0;
  vi.stubGlobal("fetch", async (path: string) => {
    expect(path).toBe(downloadPath("s1", "a b/c.txt"));
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          controller.enqueue(new Uint8Array(1_000).fill(97));
          sent += 1_000;
        },
        cancel: () => {
          cancelled = true;
        },
      }),
    );
  });
  const head = await readHead("s1", "a b/c.txt", 2_500);
  expect(head.whole).toBe(false);
  expect(head.bytes).toHaveLength(2_500);
  expect(cancelled).toBe(true);
  expect(sent).toBeLessThan(10_000);
});

test("PAGE-12: a file that fits is whole, and a refusal is an error", async () => {
  vi.stubGlobal("fetch", async () => new Response(bytesOf(1, 2, 3)));
  expect(await readHead("s1", "a", 3)).toEqual({ bytes: bytesOf(1, 2, 3), whole: true });
  vi.stubGlobal("fetch", async () => Response.json({ code: "not_found", detail: "None." }, { status: 404 }));
  await expect(readHead("s1", "a", 3)).rejects.toMatchObject({ code: "not_found" });
});

test("BUG-B4: what cannot be opened says what it is", () => {
  expect(unopenable({ kind: "file", readable: true })).toBeUndefined();
  expect(unopenable({ kind: "folder", readable: true })).toBeUndefined();
  expect(unopenable({ kind: "socket", readable: true })).toBe("socket");
  expect(unopenable({ kind: "pipe", readable: true })).toBe("named pipe");
  expect(unopenable({ kind: "file", readable: false })).toBe("no permission");
  expect(unopenable({ kind: "file", readable: true, nameBytes: "//4=" })).toBe("name isn't UTF-8");
});
