import { expect, test } from "vitest";
import { isDeeper } from "#domain/json-depth.ts";
import { cpuMsOf } from "#tests/cpu-time.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

test.each([
  ["as deep as may be", nested(64), false],
  ["one deeper", nested(65), true],
  ["brackets in a string", JSON.stringify({ text: '[{"'.repeat(100) }), false],
  ["many side by side", `[${"[],".repeat(1_000)}[]]`, false],
  ["a string that does not end", `"${"[".repeat(100)}`, false],
  ["what is no JSON", "]".repeat(100), false],
])("%s", (_, text, deeper) => {
  expect(isDeeper(text, 64)).toBe(deeper);
});

test("a million characters are read in linear time", () => {
  const text = `[${'"\\\\",'.repeat(200_000)}1]`;
  expect(cpuMsOf(() => expect(isDeeper(text, 64)).toBe(false))).toBeLessThan(1_500);
});
