import fc from "fast-check";
import { expect, test } from "vitest";
import { distinctMentions, mentionOf, mentionsIn, splitMentions } from "#domain/mentions.ts";
import { SKILL_NAME } from "#domain/skills.ts";

const found = (text: string) => mentionsIn(text).map(({ namespace, name }) => [namespace, name]);

test.each<[string, string[][]]>([
  ["Please call $[web:mvp].article-writer and output 5.", [["web:mvp", "article-writer"]]],
  ["$[acme:web].a1.", [["acme:web", "a1"]]],
  ["`$[acme:web].in_code`", [["acme:web", "in_code"]]],
  [
    "($[acme:web].one, $[acme:web].two)",
    [
      ["acme:web", "one"],
      ["acme:web", "two"],
    ],
  ],
  ["$[web].one", [["web", "one"]]],
  ["$[aa:bb:cc:dd:ee:ff:gg].seven", [["aa:bb:cc:dd:ee:ff:gg", "seven"]]],
  ["$$[web:mvp].dollars", [["web:mvp", "dollars"]]],
])("finds what is well formed in %j", (text, wanted) => {
  expect(found(text)).toEqual(wanted);
});

test.each([
  "$[web:mvp].x",
  "$[web:mvp].-dash",
  "$[web:mvp].dash-",
  "$[web:mvp].under_",
  "$[web:mvp].Upper",
  "$[web:mvp].lowerUpper",
  "$[Web:mvp].skill",
  "$[w:mvp].skill",
  "$[web:-mvp].skill",
  "$[web::mvp].skill",
  "$[:web].skill",
  "$[web:mvp] .skill",
  "$[web:mvp]skill",
  "$[web:mvp].skill]",
  "$ [web:mvp].skill",
  "[web:mvp].skill",
  "$[].skill",
  "$[aa:bb:cc:dd:ee:ff:gg:hh].eight",
  `$[web:mvp].${"a".repeat(65)}`,
  `$[${"a".repeat(65)}:mvp].skill`,
])("leaves %j as text", (text) => {
  expect(found(text)).toEqual([]);
  expect(splitMentions(text)).toEqual([text]);
});

test("a skill that is named twice counts once, and the first place holds", () => {
  const found = distinctMentions("$[acme:web].one $[acme:web].two $[acme:web].one");
  expect(found.map(({ name, start }) => [name, start])).toEqual([
    ["one", 0],
    ["two", 16],
  ]);
});

test("every skill that can be created can be mentioned", () => {
  fc.assert(
    fc.property(fc.stringMatching(SKILL_NAME), fc.constantFrom(" ", ".", "\n", "", ")"), (name, after) => {
      expect(found(`see ${mentionOf("acme", "web", name)}${after}`)).toEqual([["acme:web", name]]);
    }),
  );
});

test("the parts of a message are the message", () => {
  const piece = fc.constantFrom("$[acme:web].one", "$[x].y", "$[", "]", " text ", "$[web:mvp].two]", "\n");
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      const parts = splitMentions(text);
      expect(parts.map((part) => (typeof part === "string" ? part : part.text)).join("")).toBe(text);
    }),
  );
});

// A reader that began again at each of them would take hours.
test("a message of nothing but beginnings is read", () => {
  const text = "$[".repeat(500_000) + "$[aa:".repeat(200_000) + "a".repeat(100_000);
  expect(mentionsIn(text)).toEqual([]);
});
