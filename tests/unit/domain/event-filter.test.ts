import { expect, test } from "vitest";
import { hasText, hasType } from "#domain/event-filter.ts";

test.each([
  ["tool.completed", ["tool.completed"], true],
  ["tool.completed", ["tool.*"], true],
  ["tool.completed", ["*"], true],
  ["tool.completed", ["*.completed"], true],
  ["tool.completed", ["t*l.c*d"], true],
  ["tool.completed", ["run.*", "tool.*"], true],
  ["tool.completed", ["tool"], false],
  ["tool.completed", ["tool.complete"], false],
  ["tool.completed", ["*.complete"], false],
  ["tool.completed", ["toolx*"], false],
  // What a star begins with and what it ends with do not share a character.
  ["ab", ["ab*b"], false],
  ["tool.completed", [""], false],
  ["tool.completed", ["too..completed"], false],
])("%s is among %j: %s", (type, types, isThere) => {
  expect(hasType(type, { types })).toBe(isThere);
});

test("without types every event counts", () => {
  expect(hasType("anything", {})).toBe(true);
});

const SAID = {
  type: "tool.completed",
  payload: { output: "Ab\nc", list: [{ n: 42 }], none: null, yes: true },
};

test.each([
  ["ab", true],
  ["B\nC", true],
  [" ab ", true],
  ["42", true],
  ["TOOL.c", true],
  ["output", false],
  ["abc", false],
  ['"', false],
  ["4", false],
  ["", true],
])("an event has %j in it: %s", (text, isThere) => {
  expect(hasText(SAID, { text })).toBe(isThere);
});

test("a payload that is nested deeply is looked through without recursion", () => {
  let payload: unknown = "end";
  for (let depth = 0; depth < 50_000; depth += 1) payload = [payload];
  expect(hasText({ type: "x", payload }, { text: "END" })).toBe(true);
});
