import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AgentServerError } from "../../../../lib/server/agent/bridge.ts";
import { AgentPoster } from "../../../../lib/server/engine/agent-poster.ts";
import { AgentLost } from "../../../../lib/server/engine/endings.ts";

vi.mock("node:timers/promises", async () => await import("../../../support/timers-promises.ts"));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @param answers what each try throws; null where it is taken */
function poster(answers: (Error | null)[], causeOf = async (error: unknown): Promise<unknown> => error) {
  const abort = new AbortController();
  const lost: unknown[] = [];
  const faults: unknown[] = [];
  let tries = 0;
  const made = new AgentPoster({
    sessionId: "s1",
    client: {
      post: async () => {
        const answer = answers[Math.min(tries++, answers.length - 1)];
        if (answer) throw answer;
        return null;
      },
    },
    signal: abort.signal,
    causeOf,
    onLost: async (cause) => void lost.push(cause),
    onFault: (error) => faults.push(error),
  });
  return { made, abort, lost, faults, tries: () => tries };
}

const broken = () =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
const settle = async (made: AgentPoster) => {
  const over = made.settle();
  await vi.runAllTimersAsync();
  await over;
};

test("what follows a message is done once it is taken", async () => {
  const { made } = poster([null]);
  const after = vi.fn(async () => undefined);
  made.post({ method: "session/cancel" }, after);
  await settle(made);
  expect(after).toHaveBeenCalledTimes(1);
});

test("a message whose connection breaks is sent again, to an agent that is there", async () => {
  const { made, tries, lost } = poster([broken(), broken(), null]);
  const after = vi.fn(async () => undefined);
  made.post({ id: 5, result: {} }, after);
  await settle(made);
  expect(tries()).toBe(3);
  expect(after).toHaveBeenCalledTimes(1);
  expect(lost).toEqual([]);
});

test("a connection that always breaks is given up after five tries", async () => {
  const { made, tries, lost } = poster([broken()]);
  made.post({ id: 5, result: {} });
  await settle(made);
  expect(tries()).toBe(5);
  expect(lost).toHaveLength(1);
});

test("a prompt whose connection breaks is not sent again: it may be at work", async () => {
  const { made, tries, lost } = poster([broken()]);
  const after = vi.fn(async () => undefined);
  made.post({ id: "rpc-1", method: "session/prompt" }, after);
  await settle(made);
  expect(tries()).toBe(1);
  expect(after).toHaveBeenCalledTimes(1);
  expect(lost).toEqual([]);
});

test("a turn longer than the client's patience counts as taken", async () => {
  const error = new TypeError("fetch failed", {
    cause: Object.assign(new Error("Headers Timeout Error"), { code: "UND_ERR_HEADERS_TIMEOUT" }),
  });
  const { made, lost } = poster([error]);
  const after = vi.fn(async () => undefined);
  made.post({ id: "rpc-1", method: "session/prompt" }, after);
  await settle(made);
  expect(after).toHaveBeenCalledTimes(1);
  expect(lost).toEqual([]);
});

test.each([
  ["an agent that has ended", broken(), new AgentLost("agent_exited")],
  ["a refusal", new AgentServerError(500, "no"), undefined],
])("%s is told at once, and nothing follows", async (_, error, cause) => {
  const { made, lost, tries } = poster([error], async (given) => cause ?? given);
  const after = vi.fn(async () => undefined);
  made.post({ id: 5, result: {} }, after);
  await settle(made);
  expect(lost).toEqual([cause ?? error]);
  expect(tries()).toBe(1);
  expect(after).not.toHaveBeenCalled();
});

test("once the work is over a failure says nothing, and nothing follows", async () => {
  const { made, abort, lost } = poster([broken()]);
  const after = vi.fn(async () => undefined);
  abort.abort();
  made.post({ id: 5, result: {} }, after);
  await settle(made);
  expect(after).not.toHaveBeenCalled();
  expect(lost).toEqual([]);
});

test("what follows a message may fail: that is told", async () => {
  const { made, faults } = poster([null]);
  const fault = new Error("the database is away");
  made.post({ id: 5, result: {} }, async () => {
    throw fault;
  });
  await settle(made);
  expect(faults).toEqual([fault]);
});
