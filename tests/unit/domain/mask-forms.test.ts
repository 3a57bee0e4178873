import { expect, test } from "vitest";
import { FormFinder } from "#domain/mask-forms.ts";
import { Masker } from "#domain/mask.ts";

const found = (forms: string[], text: string) => {
  const { ranges, begun } = new FormFinder(forms).find(text);
  return { found: ranges.map(({ from, to }) => text.slice(from, to)), held: text.slice(begun) };
};

test("all texts are found, those within others and those that overlap as one", () => {
  expect(found(["he", "she", "hers"], "ushers and he")).toEqual({ found: ["shers", "he"], held: "he" });
  expect(found(["abcd", "bc"], "abce")).toEqual({ found: ["bc"], held: "" });
  expect(found(["aab"], "aaab aa")).toEqual({ found: ["aab"], held: "aa" });
  expect(found([], "anything")).toEqual({ found: [], held: "" });
});

test("breaks of lines count for nothing, in text as in JSON", () => {
  for (const line of ["\n", "\r\n", "\\n", "\\r\\n"]) {
    const text = `key: sec${line}ret.`;
    expect(found(["secret"], text).found).toEqual([`sec${line}ret`]);
    expect(found([`sec${line}ret`], "key: secret.").found).toEqual(["secret"]);
  }
});

test("it finds what a plain search finds, in texts of two letters", () => {
  const texts = (length: number): string[] =>
    length === 0 ? [""] : texts(length - 1).flatMap((text) => [`${text}a`, `${text}b`]);
  const forms = ["ab", "aba", "bb", "baab"];
  for (const text of texts(9)) {
    const covered = Array.from(text, () => false);
    for (const form of forms)
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
        covered.fill(true, at, at + form.length);
    const { ranges, begun } = new FormFinder(forms).find(text);
    const marked = Array.from(text, (_, index) => ranges.some(({ from, to }) => from <= index && index < to));
    expect(marked, text).toEqual(covered);
    const longest = Math.max(
      0,
      ...forms.flatMap((form) =>
        Array.from(form, (_, length) => length).filter((length) => text.endsWith(form.slice(0, length))),
      ),
    );
    // A whole form at the end is a beginning, too, of itself.
    const whole = Math.max(0, ...forms.filter((form) => text.endsWith(form)).map((form) => form.length));
    expect(text.length - begun, text).toBe(Math.max(longest, whole));
  }
});

test("a private key is hidden as a whole, line by line, in JSON and in base64", () => {
  const line = (index: number) =>
    `${String(index).padStart(3, "0")}${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj".slice(0, 40)}`;
  const key = [
    "-----BEGIN PRIVATE KEY-----",
    ...Array.from({ length: 30 }, (_, index) => line(index)),
    "-----END PRIVATE KEY-----",
  ].join("\n");
  const masker = new Masker([key]);
  const shown = [
    masker.mask(`the key is\n${key}\nthat was it`),
    masker.mask(JSON.stringify({ output: key })),
    masker.mask(`only ${line(7)} of it`),
    masker.mask(Buffer.from(key).toString("base64")),
    masker.mask(
      Buffer.from(`x${key}`)
        .toString("base64")
        .replaceAll(/(.{76})/g, "$1\n"),
    ),
  ];
  for (const text of shown) expect(text).not.toMatch(/MIIEvQ|TUlJRXZR|1JSUV2|NSUlFdl/);
  expect(shown[0]).toMatch(/^the key is\n•+\nthat was it$/);
});

test("of a secret that comes in pieces nothing is shown before it is whole", () => {
  const secret = "correct-horse-battery-staple";
  const masker = new Masker([secret]);
  for (let cut = 1; cut < secret.length; cut += 1) {
    const { shown, held } = masker.growing(`it is ${secret.slice(0, cut)}`);
    expect(shown).toBe("it is ");
    expect(masker.growing(`${held}${secret.slice(cut)} now`).shown).toBe("•••••••• now");
  }
});

test("as many secrets as a session can have are known in little time and memory", () => {
  const random = (seed: number) =>
    Array.from({ length: 625 }, (_, index) =>
      String.fromCharCode(33 + ((seed * 7_919 + index * index * 31 + index) % 90)),
    ).join("");
  const secrets = Array.from({ length: 32 }, (_, seed) => random(seed));
  const before = process.memoryUsage().heapUsed;
  const masker = new Masker(secrets);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  expect(masker.mask(`a ${secrets[5]} b`)).toBe("a •••••••• b");
});

test("Studio's own secrets are hidden also where something else is written right before them", () => {
  const key = `sync_studio_${"aB3".repeat(14)}x`;
  for (const before of ["", "x", "KEY_", "9"])
    expect(new Masker().mask(`${before}${key}`)).toBe(`${before}sync_studio_…`);
});
