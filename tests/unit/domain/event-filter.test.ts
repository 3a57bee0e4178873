import { expect, test } from "vitest";
import { hasType } from "#domain/event-filter.ts";

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
