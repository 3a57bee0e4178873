import { expect, test } from "vitest";
import { MAX_SUGGESTIONS, mentionAt, suggestionsFor, withMention } from "#domain/mention-query.ts";

const skill = (name: string, description = "") => ({ name, description, mention: `$[acme:web].${name}` });

test.each<[string, string | null]>([
  ["$", "$"],
  ["use $art", "$art"],
  ["use $[acme:web].art", "$[acme:web].art"],
  ["(see $re", "$re"],
  ["line\n$x", "$x"],
  ["costs 5$", null],
  ["US$art", null],
  ["$art icle", null],
  ["$HOME/", null],
  ["", null],
])("%j ends in %j of a mention", (text, typed) => {
  expect(mentionAt(text, text.length)?.typed ?? null).toBe(typed);
});

test("only what stands before the caret counts", () => {
  expect(mentionAt("use $art here", 6)).toEqual({ start: 4, typed: "$a" });
});

test("names that begin so come first, then what has the words", () => {
  const skills = [skill("write-article"), skill("article"), skill("notes", "Use for an article.")];
  expect(suggestionsFor(skills, "$art").map(({ name }) => name)).toEqual([
    "article",
    "write-article",
    "notes",
  ]);
  expect(suggestionsFor(skills, "$[acme:web].wr").map(({ name }) => name)).toEqual(["write-article"]);
  expect(suggestionsFor(skills, "$none")).toEqual([]);
  expect(suggestionsFor(skills, "$[acme:web].article")).toEqual([]);
  const many = Array.from({ length: 30 }, (_, n) => skill(`skill-${n}`));
  expect(suggestionsFor(many, "$")).toHaveLength(MAX_SUGGESTIONS);
});

test("a mention takes the place of what was typed, with one space behind it", () => {
  expect(withMention("use $art", { start: 4, caret: 8, mention: "$[a1:web].article" })).toEqual({
    text: "use $[a1:web].article ",
    caret: 22,
  });
  expect(withMention("use $art now", { start: 4, caret: 8, mention: "$[a1:web].article" })).toEqual({
    text: "use $[a1:web].article now",
    caret: 22,
  });
});
