import { afterAll, beforeAll, expect, test } from "vitest";
import { Field } from "../faults/field.ts";
import { faultRound } from "../faults/harness.ts";
import { Api } from "#tests/api.ts";

/**
 * A few rounds of what `npm run test:faults` does by the hundred, the same each time: the database is out of reach, a
 * sandbox's connections are cut, the model breaks off, the clock is set back.
 */
const SEED = 11;
const ROUNDS = [1, 24];
let field: Field;
let api: Api;

beforeAll(async () => {
  field = await Field.start();
  api = Api.withKey(field.stack.url, field.stack.credentials.apiKey);
});
afterAll(async () => await field?.stop());

test.each(ROUNDS)("whatever breaks, and whenever: round %i", { timeout: 300_000 }, async (round) => {
  const { wrong, fault } = await faultRound(field, api, { seed: SEED, round, longestMs: 4_000 });
  expect(wrong, fault).toEqual([]);
});
