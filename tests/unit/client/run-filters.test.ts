import { expect, test } from "vitest";
import { filterOf, isNarrowed, NO_WISHES } from "#components/runs/run-filters.tsx";

const NOW = Date.UTC(2026, 10, 29);

test("without a wish nothing is left out", () => {
  expect(isNarrowed(NO_WISHES)).toBe(false);
  expect(filterOf(NO_WISHES, NOW)).toEqual({});
});

test("each wish narrows the list in its own way", () => {
  const wishes = {
    status: "failed",
    agentId: "a",
    model: "openrouter|x-ai/grok|4",
    since: "week",
    cost: "dime",
    personId: "p",
  } as const;
  expect(isNarrowed(wishes)).toBe(true);
  expect(filterOf(wishes, NOW)).toEqual({
    status: "failed",
    agentId: "a",
    provider: "openrouter",
    model: "x-ai/grok|4",
    from: NOW - 7 * 86_400_000,
    minCostMicroUsd: 100_000,
    personId: "p",
  });
});
