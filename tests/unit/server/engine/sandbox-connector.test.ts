import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SandboxConnector } from "../../../../lib/server/engine/sandbox-connector.ts";
import { fakeData } from "../../../support/fake-data.ts";
import { LEASE, PLACE } from "./support.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const signal = new AbortController().signal;
const unreachable = () =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });

function connector(answers: (Error | null)[] = []) {
  const { data, calls } = fakeData();
  const connect = vi.fn(async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer) throw answer;
    return PLACE.ref;
  });
  const shown = () => calls.map(({ args }) => args.broken);
  return { made: new SandboxConnector(LEASE, { data, connect }), connect, shown };
}

test("a host that does not answer is asked again", async () => {
  const { made, connect } = connector([unreachable(), unreachable(), null]);
  const connected = made.connect("box", 1_000, signal);
  await vi.runAllTimersAsync();
  expect(await connected).toEqual(PLACE.ref);
  expect(connect).toHaveBeenCalledTimes(3);
});

test("it is given up after half a minute, and a refusal at once", async () => {
  const away = connector([unreachable()]);
  const failed = expect(away.made.connect("box", 1_000, signal)).rejects.toThrow("fetch failed");
  await vi.runAllTimersAsync();
  await failed;
  expect(away.connect.mock.calls.length).toBeGreaterThan(50);
  const gone = connector([new Error("no such sandbox")]);
  await expect(gone.made.connect("box", 1_000, signal)).rejects.toThrow("no such sandbox");
  expect(gone.connect).toHaveBeenCalledTimes(1);
});

test("a break is shown after two seconds, once, and its end as well", async () => {
  const { made, shown } = connector();
  expect(made.markBroken()).toBe(0);
  vi.advanceTimersByTime(2_000);
  expect(made.markBroken()).toBe(2_000);
  await vi.runAllTimersAsync();
  expect(shown()).toEqual([]);
  vi.advanceTimersByTime(1);
  made.markBroken();
  made.markBroken();
  made.markReachable();
  made.markReachable();
  await vi.runAllTimersAsync();
  expect(shown()).toEqual([true, false]);
  expect(made.markBroken()).toBe(0);
});
