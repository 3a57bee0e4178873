import { afterAll, beforeAll, expect, test } from "vitest";
import { Field } from "../faults/field.ts";
import { faultRound } from "../faults/harness.ts";
import { Api } from "../support/api.ts";

/** A few rounds of what `npm run test:faults` does by the hundred; the seed is fixed, so that they are the same each time. */
const SEED = 11;
let field: Field;
let api: Api;

beforeAll(async () => {
  field = await Field.start();
  api = Api.withKey(field.stack.url, field.stack.credentials.apiKey);
});
afterAll(async () => await field?.stop());

test.each([1, 2, 3])("whatever breaks, and whenever: round %i", { timeout: 300_000 }, async (round) => {
  const { wrong, fault } = await faultRound(field, api, { seed: SEED, round, longestMs: 4_000 });
  expect(wrong, fault).toEqual([]);
});
