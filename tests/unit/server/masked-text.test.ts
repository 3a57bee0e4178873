import fc from "fast-check";
import { expect, test } from "vitest";
import { Masker } from "#domain/mask.ts";
import { maskedText, NotText } from "#server/sessions/masked-text.ts";

const SECRET = `sync_studio_${"aB3".repeat(14)}x`;
const streamOf = (parts: readonly Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
const OWN = new Masker();
const ENCODED = Buffer.from(`KEY=${SECRET}\n`)
  .toString("base64")
  .replaceAll(/(.{20})/g, "$1\n");

/** What comes of bytes that come in parts of these lengths. */
async function through(
  bytes: Uint8Array<ArrayBuffer>,
  lengths: readonly number[],
  first = 2_000,
  masker = OWN,
): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length] ?? bytes.length;
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  const masked: Uint8Array[] = [];
  for await (const part of maskedText(streamOf(parts), first, masker)) masked.push(part);
  return Buffer.concat(masked).toString("utf8");
}

test("PAGE-12: however a long text comes, what goes on is the masked text", async () => {
  const words = fc.array(
    fc.constantFrom(`${SECRET}\n`, `${ENCODED}\n`, "plain words ü\n", `${"x".repeat(700)} `, " "),
    {
      maxLength: 60,
    },
  );
  const lengths = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(words, lengths, async (all, cuts) => {
      const text = all.join("");
      const shown = await through(new Uint8Array(Buffer.from(text)), cuts);
      expect(shown).not.toContain(SECRET.slice(12));
      expect(shown).toBe(OWN.mask(text));
    }),
    { seed: 14, numRuns: 150 },
  );
});

test("PAGE-12: the beginning goes on before the end is there", async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Buffer.from("line of words\n".repeat(100))),
  });
  const texts = maskedText(endless, 1_000, OWN);
  const { value } = await texts.next();
  expect(Buffer.from(value ?? []).toString()).toMatch(/^line of words\n/);
  await texts.return();
});

test.each([
  ["a zero byte", new Uint8Array([97, 0, 98])],
  ["bytes that are not UTF-8", new Uint8Array([97, 0xe9, 98])],
  ["half a character", new Uint8Array([97, 0xc3])],
])("PAGE-12: %s are refused before anything goes on", async (_name, bytes) => {
  await expect(maskedText(streamOf([bytes]), 1_000, OWN).next()).rejects.toThrow(NotText);
});

test("a session's own secrets are hidden too, wherever the bytes are cut", async () => {
  const value = `-----BEGIN KEY-----\n${"abcdefgh".repeat(30)}\n-----END KEY-----`;
  const masker = new Masker([value]);
  const text = `${"words ".repeat(300)}${value}\n${"more ".repeat(900)}${Buffer.from(value).toString("base64")}.`;
  const lengths = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(lengths, async (cuts) => {
      const shown = await through(new Uint8Array(Buffer.from(text)), cuts, 2_000, masker);
      expect(shown).toBe(masker.mask(text));
      expect(shown).not.toContain("abcdefgh");
    }),
    { seed: 15, numRuns: 60 },
  );
});
