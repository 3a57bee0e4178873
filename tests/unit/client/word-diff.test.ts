import { describe, expect, test } from "vitest";
import type { DiffLine } from "#client/line-diff.ts";
import { type LinePart, partsOfLines, wordDiff } from "#client/word-diff.ts";

/** As it is shown: what has changed stands in brackets. */
const shown = (parts: LinePart[] | undefined) =>
  parts?.map(({ text, changed }) => (changed ? `[${text}]` : text)).join("");

describe("two lines, word by word", () => {
  test.each([
    ["const a = 1;", "const a = 2;", "const a = [1];", "const a = [2];"],
    ["return sum(a, b)", "return sum(a, b, c)", "return sum(a, b)", "return sum(a, b[, c])"],
    ["  deep(value)", "deep(value)", "[  ]deep(value)", "deep(value)"],
    ["naïve über café", "naïve unter café", "naïve [über] café", "naïve [unter] café"],
  ])("%s → %s", (before, after, left, right) => {
    const words = wordDiff(before, after);
    expect([shown(words?.before), shown(words?.after)]).toEqual([left, right]);
  });

  test.each([
    ["with little in common", "import fs from 'node:fs';", "export class Store {}"],
    ["that are very long", `${"a ".repeat(400)}b`, `${"a ".repeat(400)}c`],
    ["of which one is empty", "", "something"],
  ])("says nothing of lines %s", (_what, before, after) => {
    expect(wordDiff(before, after)).toBeUndefined();
  });
});

test("a hunk's lines are compared with what came in their place, and no others", () => {
  const lines: DiffLine[] = [
    { op: "same", text: "kept(1)", before: 1, after: 1 },
    { op: "del", text: "old(value, 1)", before: 2 },
    { op: "del", text: "gone()", before: 3 },
    { op: "add", text: "old(value, 2)", after: 2 },
  ];
  const parts = partsOfLines(lines);
  expect([...parts].map(([line, of]) => [line.op, shown(of)])).toEqual([
    ["del", "old(value, [1])"],
    ["add", "old(value, [2])"],
  ]);
});
