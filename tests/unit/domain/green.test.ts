import { expect, test } from "vitest";
import { GREEN_END_WORDS, GREEN_ENDS, GREEN_TIMES, type GreenSeen, stepAfter } from "#domain/green.ts";

const OLD = "a".repeat(40);
const NEW = "b".repeat(40);
const seen = (more: Partial<GreenSeen> = {}): GreenSeen => ({
  state: "open",
  checks: "passed",
  running: false,
  head: NEW,
  findings: 0,
  ...more,
});
const known = { pushed: undefined, sinceMs: 0 };

test.each<[string, Partial<GreenSeen>, { pushed: string | undefined; sinceMs: number }, string]>([
  ["all passed", {}, known, "green"],
  ["a draft is a pull request too", { state: "draft" }, known, "green"],
  ["a failed check", { checks: "failed", findings: 1 }, known, "attempt"],
  ["a comment, with all checks passed", { findings: 1 }, known, "attempt"],
  ["merged, whatever failed", { state: "merged", checks: "failed", findings: 3 }, known, "merged"],
  ["closed", { state: "closed" }, known, "closed"],
  ["one has failed, others still run", { checks: "failed", running: true, findings: 1 }, known, "wait"],
  ["the host hasn't seen the push", { head: OLD, checks: "passed" }, { pushed: NEW, sinceMs: 1_000 }, "wait"],
  ["it names commits in short", { head: NEW.slice(0, 12) }, { pushed: NEW, sinceMs: 1_000 }, "green"],
  ["somebody has pushed since", { head: OLD }, { pushed: NEW, sinceMs: GREEN_TIMES.settleMs }, "green"],
  ["no check has begun yet", { checks: "none" }, { pushed: NEW, sinceMs: 1_000 }, "wait"],
  ["there are no checks", { checks: "none" }, { pushed: NEW, sinceMs: GREEN_TIMES.settleMs }, "green"],
  ["checks run for hours", { running: true }, { pushed: NEW, sinceMs: GREEN_TIMES.slowMs + 1 }, "slow"],
])("%s", (_, now, before, step) => {
  expect(stepAfter(seen(now), before)).toBe(step);
});

test("every end has a sentence", () => {
  for (const end of GREEN_ENDS) expect(GREEN_END_WORDS[end]).toMatch(/^[A-Z].+\.$/);
});
