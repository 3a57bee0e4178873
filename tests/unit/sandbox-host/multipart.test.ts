import { expect, test } from "vitest";
import { boundaryOf, MultipartError, readParts } from "#sandbox-host/envd/multipart.ts";

async function encode(form: FormData): Promise<{ type: string; bytes: Buffer }> {
  const response = new Response(form);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { type: response.headers.get("content-type") ?? "", bytes };
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function decode(bytes: Buffer, boundary: string, chunk: number) {
  const parts = [];
  for await (const { name, filename, body } of readParts(inChunks(bytes, chunk), boundary)) {
    const content: Buffer[] = [];
    for await (const piece of body) content.push(piece);
    parts.push({ name, filename, content: Buffer.concat(content).toString("latin1") });
  }
  return parts;
}

test("what fetch encodes is read back the same, however it is cut", async () => {
  const form = new FormData();
  form.append("file", new Blob(["one\r\n--two\r\n"]), 'a "quoted" ä.txt');
  form.append("file", new Blob([""]), "empty");
  form.append("note", "text");
  const { type, bytes } = await encode(form);
  const boundary = boundaryOf(type);
  // A near miss of the delimiter within the content.
  const tricky = Buffer.from(
    bytes.toString("latin1").replace("--two", `--${boundary.slice(0, -1)}`),
    "latin1",
  );
  for (const chunk of [1, 2, 3, 7, 64, 10_000]) {
    expect(await decode(tricky, boundary, chunk)).toEqual([
      { name: "file", filename: 'a "quoted" ä.txt', content: `one\r\n--${boundary.slice(0, -1)}\r\n` },
      { name: "file", filename: "empty", content: "" },
      { name: "note", filename: undefined, content: "text" },
    ]);
  }
});

test("a form that is cut off, endless in its head or without boundary is refused", async () => {
  const form = new FormData();
  form.append("file", new Blob(["content"]), "name");
  const { type, bytes } = await encode(form);
  const boundary = boundaryOf(type);
  for (const length of [0, 10, bytes.length - 30, bytes.length - 4]) {
    await expect(decode(bytes.subarray(0, length), boundary, 16)).rejects.toThrow(MultipartError);
  }
  const endless = Buffer.from(`--b\r\nx: ${"y".repeat(100_000)}`);
  await expect(decode(endless, "b", 1000)).rejects.toThrow(/too long/);
  expect(() => boundaryOf("multipart/form-data")).toThrow(MultipartError);
});
