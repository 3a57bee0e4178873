import { expect, test, vi } from "vitest";
import { AgentLost, SandboxGone } from "#server/engine/endings.ts";
import { RelayFaults } from "#server/engine/faults.ts";
import { ProvisionFailure } from "#server/sandbox-start/steps.ts";
import { fakeData, refusal } from "#tests/fake-data.ts";
import { LEASE, RUN } from "./support.ts";

function faults(answers: Parameters<typeof fakeData>[0] = {}) {
  const { data, calls, names } = fakeData(answers);
  const order: string[] = [];
  const end = vi.fn(() => void order.push("end"));
  const sendAgain = vi.fn();
  const flush = vi.fn(async () => void order.push("flush"));
  const endAgent = vi.fn(async () => void order.push("agent ended"));
  const made = new RelayFaults({ lease: LEASE, buffer: { flush }, end, sendAgain, endAgent, data });
  return { made, calls, names, end, sendAgain, endAgent, order };
}

test("an agent that is lost is started again; what it had said is stored first", async () => {
  const { made, calls, order } = faults();
  await made.lost(new AgentLost("stream_gap"));
  expect(calls).toEqual([{ name: "sessionAgent:lost", args: { ...LEASE, cause: "stream_gap" } }]);
  expect(order).toEqual(["flush", "end"]);
});

test("the work ends though that could not be noted", async () => {
  const { made, end } = faults({
    "sessionAgent:lost": () => {
      throw new Error("the database is away");
    },
  });
  await made.agentLost("agent_silent");
  expect(end).toHaveBeenCalledTimes(1);
});

test.each([
  ["a sandbox that is gone", new SandboxGone(), "sandbox_lost", "no longer"],
  ["an agent that cannot be started", new ProvisionFailure("No key."), "agent_exited", "No key."],
])("%s ends the session with a sentence", async (_, cause, errorKind, words) => {
  const { made, calls, end } = faults();
  await made.lost(cause);
  expect(calls).toMatchObject([{ name: "sandboxSessions:fail", args: { ...LEASE, errorKind } }]);
  expect(calls[0]?.args.error).toContain(words);
  expect(end).toHaveBeenCalledTimes(1);
});

test("a lease that is lost ends the work here, and nothing else", async () => {
  const { made, names, end, sendAgain } = faults();
  made.commandFailed(refusal("lease_lost"));
  await made.lost(refusal("lease_lost"));
  expect(names()).toEqual([]);
  expect(end).toHaveBeenCalledTimes(2);
  expect(sendAgain).not.toHaveBeenCalled();
});

test("a command that failed is sent again", () => {
  const { made, end, sendAgain } = faults();
  made.commandFailed(new Error("the database is away"));
  expect(sendAgain).toHaveBeenCalledTimes(1);
  expect(end).not.toHaveBeenCalled();
});

test("a stop that was not heard ends the run behind what was said until then", async () => {
  const { made, calls, order } = faults({ "sessionAgent:unheard": () => void order.push("unheard") });
  await made.cancelIgnored(RUN);
  expect(order).toEqual(["flush", "unheard"]);
  expect(calls[0]?.args).toEqual({ ...LEASE, runId: RUN });
});

test("an agent that acted without its decision is ended at once; the lease is kept until it is", async () => {
  const { made, order, endAgent } = faults();
  made.violated();
  await made.settle();
  expect(order).toEqual(["end", "agent ended"]);
  endAgent.mockRejectedValueOnce(new Error("the sandbox is away"));
  made.violated();
  await made.settle();
});
