import { expect, test } from "vitest";
import { hasHidden, visible } from "#domain/visible.ts";

test.each([
  ["Unicode's tags, which spell words", "a\u{E0068}\u{E0069}b", "a⟨U+E0068⟩⟨U+E0069⟩b"],
  ["a mark of direction", "safe\u202Eexe", "safe⟨U+202E⟩exe"],
  ["no width", "re\u200Bad", "re⟨U+200B⟩ad"],
  ["an escape of a terminal", "\u001B[8mx", "⟨U+001B⟩[8mx"],
])("%s can be seen", (_, text, shown) => {
  expect(hasHidden(text)).toBe(true);
  expect(visible(text)).toBe(shown);
});

test("what people write stays as it is", () => {
  const text = "Liest Größen.\n\tعربي 日本語 ❤️";
  expect(hasHidden(text)).toBe(false);
  expect(visible(text)).toBe(text);
});
