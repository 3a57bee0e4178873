import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signInLimit } from "../../../lib/server/auth/sign-in-limit.ts";

const RULE = { window: 60, max: 3 };

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test("refuses what is over the quota of a window, and says for how long", async () => {
  for (let i = 0; i < RULE.max; i++)
    expect(await signInLimit.consume("quota", RULE)).toEqual({ allowed: true, retryAfter: null });
  vi.advanceTimersByTime(20_000);
  expect(await signInLimit.consume("quota", RULE)).toEqual({ allowed: false, retryAfter: 40 });
  expect(await signInLimit.consume("another", RULE)).toMatchObject({ allowed: true });
});

test("people who sign in steadily, below the quota, are never locked out", async () => {
  for (let i = 0; i < 50; i++) {
    expect(await signInLimit.consume("office", RULE), `sign-in ${i}`).toMatchObject({ allowed: true });
    vi.advanceTimersByTime(25_000);
  }
});
