import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { forgetServerTime, noteServerTime, serverNow } from "#client/server-clock.ts";

const NOW = 1_700_000_000_500;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  forgetServerTime();
});
afterEach(() => vi.useRealTimers());

/** A response that the server writes at `serverMs`, and that took `latencyMs` each way. */
function respond(serverMs: number, latencyMs: number): void {
  const sentAt = Date.now() - 2 * latencyMs;
  noteServerTime({ headers: new Headers({ date: new Date(serverMs).toUTCString() }) }, sentAt);
}

test.each([
  ["12 minutes behind", -12 * 60_000],
  ["12 minutes ahead", 12 * 60_000],
  ["a second behind", -1_600],
])("BUG-15: with a browser's clock that is %s, the time is the server's to the half second", (_name, off) => {
  expect(serverNow()).toBe(NOW);
  respond(NOW - off - 20, 20);
  expect(Math.abs(serverNow() - (NOW - off))).toBeLessThan(600);
  // Each response narrows it.
  for (let at = 0; at < 20; at++) {
    vi.advanceTimersByTime(170);
    respond(Date.now() - off - 5, 5);
  }
  expect(Math.abs(serverNow() - (Date.now() - off))).toBeLessThan(100);
});

test("BUG-15: clocks that may well agree do, and a slow answer or one without a date changes nothing", () => {
  respond(NOW - 100, 100);
  expect(serverNow()).toBe(NOW);
  respond(NOW - 9_000, 9_000);
  expect(serverNow()).toBe(NOW);
  noteServerTime({ headers: new Headers() }, NOW);
  noteServerTime({ headers: new Headers({ date: "soon" }) }, NOW);
  expect(serverNow()).toBe(NOW);
});

test("BUG-15: when a clock is set, what was known of it is over", () => {
  respond(NOW, 5);
  vi.setSystemTime(NOW + 3_600_000);
  respond(NOW, 5);
  expect(Math.abs(serverNow() - NOW)).toBeLessThan(600);
});
