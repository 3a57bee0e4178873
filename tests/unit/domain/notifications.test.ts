import { expect, test } from "vitest";
import { briefly, budgetText } from "#domain/notifications.ts";

test("a text is told by its first line, cut between characters", () => {
  expect(briefly("\n  Done.  \nMore.", 20)).toBe("Done.");
  expect(briefly("a".repeat(20), 20)).toBe("a".repeat(20));
  expect(briefly("👍".repeat(21), 20)).toBe(`${"👍".repeat(19)}…`);
  expect(briefly("", 20)).toBe("");
});

test("a limit is told as a sentence", () => {
  expect(budgetText("organization", 50)).toBe("50 % of the organization’s monthly limit is spent.");
  expect(budgetText("api_key", 100)).toBe("An API key’s monthly limit is reached.");
});
