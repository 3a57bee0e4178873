import { parseArgs } from "node:util";
import { Api } from "../support/api.ts";
import { Stack } from "../support/stack.ts";
import { faultRound } from "./harness.ts";

/** `npm run test:faults -- --seed S --rounds N`: real sessions, and at a random moment something breaks. */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "20" },
    first: { type: "string", default: "1" },
  },
});
const seed = Number(values.seed);
const rounds = Number(values.rounds);
const first = Number(values.first);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(first) || !(rounds >= 1)) {
  console.error("Usage: npm run test:faults -- --seed <whole number> --rounds <1 or more> [--first <round>]");
  process.exit(2);
}
const stack = await Stack.start();
const api = Api.withKey(stack.url, stack.credentials.apiKey);
let failed = 0;
try {
  for (let round = first; round < first + rounds; round++) {
    try {
      const { fault, afterMs, ended, durationMs, wrong } = await faultRound(stack, api, seed, round);
      console.log(
        `${wrong.length === 0 ? "ok  " : "FAIL"} ${round}: ${fault} after ${afterMs} ms, run ${ended}, ${(durationMs / 1000).toFixed(1)} s`,
      );
      for (const sentence of wrong) console.log(`     ${sentence}`);
      if (wrong.length > 0) failed += 1;
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${round}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  if (failed > 0) console.log(stack.log("web").slice(-4_000));
  await stack.stop();
}
console.log(`seed ${seed}: ${rounds - failed} of ${rounds} rounds held`);
process.exitCode = failed === 0 ? 0 : 1;
