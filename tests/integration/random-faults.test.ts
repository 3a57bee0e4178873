import { afterAll, beforeAll, expect, test } from "vitest";
import { faultRound } from "../faults/harness.ts";
import { Api } from "../support/api.ts";
import { Stack } from "../support/stack.ts";

/** A few rounds of what `npm run test:faults` does by the hundred; the seed is fixed, so that they are the same each time. */
const SEED = 11;
let stack: Stack;
let api: Api;

beforeAll(async () => {
  stack = await Stack.start();
  api = Api.withKey(stack.url, stack.credentials.apiKey);
});
afterAll(async () => await stack?.stop());

test.each([1, 2, 3])("whatever breaks, and whenever: round %i", { timeout: 300_000 }, async (round) => {
  const { wrong, fault } = await faultRound(stack, api, SEED, round);
  expect(wrong, fault).toEqual([]);
});
