import fc from "fast-check";
import { expect, test } from "vitest";
import { asEdited, asSaved } from "#client/line-ends.ts";

test("BUG-8: the editor has one line end and no byte order mark", () => {
  expect(asEdited("\uFEFFone\r\ntwo\rthree\nfour")).toBe("one\ntwo\nthree\nfour");
});

test.each([
  ["CRLF", "one\r\ntwo\r\n", (text: string) => `${text}z`, "one\r\ntwo\r\nz"],
  ["a lone CR", "one\rtwo\r", (text: string) => text.replace("two", "TWO"), "one\rTWO\r"],
  ["a mark", "\uFEFFone\r\ntwo", (text: string) => `zero\n${text}`, "\uFEFFzero\r\none\r\ntwo"],
  ["no final newline", "one\r\ntwo", (text: string) => `${text}!`, "one\r\ntwo!"],
  ["an empty file", "", () => "a\nb\n", "a\nb\n"],
  [
    "several, of which the changed line keeps its own",
    "one\r\ntwo\r\nthree\r\nfour\rx\n",
    (text: string) => text.replace("four", "FOUR"),
    "one\r\ntwo\r\nthree\r\nFOUR\rx\n",
  ],
  [
    "several, and lines that come and go",
    "one\r\ntwo\nthree\rfour\r\nfive\r\n",
    (text: string) => text.replace("two\n", "").replace("four", "four\nfour and a half"),
    "one\r\nthree\rfour\r\nfour and a half\r\nfive\r\n",
  ],
  ["several, and text at the end", "a\r\nb\nc\r\n", (text: string) => `${text}z`, "a\r\nb\nc\r\nz"],
  ["a lone CR among others, and empty lines that follow it", "\r}\n", () => "\n\n\n", "\n\n\n"],
  ["several, all deleted", "a\r\nb\nc\r\n", () => "", ""],
])("BUG-8: saved with %s, the rest of the file stays as it is", (_name, before, edit, after) => {
  expect(asSaved(before, edit(asEdited(before)))).toBe(after);
});

test.each([8, 14, 1344355201])(
  "BUG-8: whatever its ends, a text that was not changed is saved as it was, and a change is all that changes (seed %i)",
  (seed) => {
    const text = fc
      .array(fc.tuple(fc.constantFrom("", "a", "b", "}"), fc.constantFrom("\n", "\r\n", "\r")))
      .map((lines) => lines.flat().join(""));
    fc.assert(
      fc.property(text, text, (before, other) => {
        expect(asSaved(before, asEdited(before))).toBe(before);
        expect(asEdited(asSaved(before, asEdited(other)))).toBe(asEdited(other));
      }),
      { seed, numRuns: 4_000 },
    );
  },
);
