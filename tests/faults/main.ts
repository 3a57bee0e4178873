import { parseArgs } from "node:util";
import { Api } from "#tests/api.ts";
import { Field } from "./field.ts";
import { faultRound } from "./harness.ts";

/** `npm run test:faults -- --seed S --rounds N`: real sessions, and at a random moment something breaks. */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "20" },
    first: { type: "string", default: "1" },
    longest: { type: "string", default: "60" },
    fault: { type: "string", default: "" },
  },
});
const seed = Number(values.seed);
const rounds = Number(values.rounds);
const first = Number(values.first);
const longest = Number(values.longest);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(first) || !(rounds >= 1) || !(longest >= 1)) {
  console.error(
    "Usage: npm run test:faults -- --seed <whole number> --rounds <1 or more> [--first <round>] [--longest <seconds that a fault may last>] [--fault <words of its name>]",
  );
  process.exit(2);
}
const field = await Field.start();
const { stack } = field;
const api = Api.withKey(stack.url, stack.credentials.apiKey);
let failed = 0;
try {
  for (let round = first; round < first + rounds; round++) {
    const from = stack.log("web").length;
    try {
      const { fault, afterMs, forMs, ended, because, durationMs, wrong } = await faultRound(field, api, {
        seed,
        round,
        longestMs: longest * 1_000,
        only: values.fault,
      });
      console.log(
        `${wrong.length === 0 ? "ok  " : "FAIL"} ${round}: ${fault}, after ${afterMs} ms, ${forMs} ms long, run ${ended}, ${(durationMs / 1000).toFixed(1)} s${because && `: ${because}`}`,
      );
      for (const sentence of wrong) console.log(`     ${sentence}`);
      if (wrong.length === 0) continue;
    } catch (error) {
      console.log(`FAIL ${round}: ${error instanceof Error ? error.message : String(error)}`);
    }
    failed += 1;
    console.log(stack.log("web").slice(from).slice(-3_000));
  }
} finally {
  await field.stop();
}
console.log(`seed ${seed}: ${rounds - failed} of ${rounds} rounds held`);
process.exitCode = failed === 0 ? 0 : 1;
