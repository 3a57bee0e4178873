import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { api } from "#convex/_generated/api.js";
import { serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { persistently } from "../convex/retry.ts";
import { typedDollars } from "./typed-dollars.ts";

// `npm run credits -- <organization> <amount> --reason "…"`: gives an organization credits on the operator's word.
const USAGE =
  'npm run credits -- <organization: its slug or id> <amount in US dollars, such as 25 or 2.50> --reason "why"';
const PATIENCE_MS = 10_000;

function fail(sentence: string): never {
  console.error(`${sentence}\n${USAGE}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({ options: { reason: { type: "string" } }, allowPositionals: true });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals } = readArguments();
const [organization, amount = "", ...more] = positionals;
const amountMicroUsd = typedDollars(amount);
if (!organization || more.length > 0) fail("Name one organization and one amount.");
if (amountMicroUsd === null) fail(`“${amount}” is no amount.`);
if (amountMicroUsd === 0) fail("The amount must be more than zero.");
const reason = values.reason?.trim() ?? "";
if (reason === "") fail("Give a reason: it appears in the ledger and in the organization's audit log.");

try {
  const key = `operator:${randomUUID()}`;
  const granted = await persistently(
    "credits",
    PATIENCE_MS,
    async () =>
      await serviceData().mutation(api.credits.adjust, {
        operator: { by: "npm run credits", via: "cli" },
        organization,
        key,
        amountMicroUsd,
        reason,
      }),
  );
  console.log(
    `${granted.name} (${granted.slug}) was given $${(amountMicroUsd / 1e6).toFixed(2)}; its balance is $${(granted.balanceMicroUsd / 1e6).toFixed(2)}.`,
  );
} catch (error) {
  console.error(refusalOf(error)?.message ?? (error instanceof Error ? error.message : String(error)));
  process.exit(1);
}
