import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { WAIT_TIMEOUT_MS } from "#tests/patience.ts";
import { CommandSender } from "#server/engine/command-sender.ts";
import { fakeData, refusal, settled } from "#tests/fake-data.ts";
import { cancel, EMPTY_INBOX, LEASE, PLACE, prompt, RUN } from "./support.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

function sender(mark: (args: Record<string, unknown>) => unknown = () => true) {
  const fake = fakeData({ "sessionCommands:markSending": mark });
  const { calls } = fake;
  const posted: object[] = [];
  const afters: (() => Promise<void>)[] = [];
  const begun: object[] = [];
  const faults: unknown[] = [];
  const made = new CommandSender({
    lease: LEASE,
    agent: { place: PLACE, agentSessionId: "agent-1" },
    poster: {
      post: (message, after) => {
        posted.push(message);
        if (after) afters.push(after);
      },
    },
    onPrompt: (run) => begun.push(run),
    saveTurn: async () => void calls.push({ name: "saveTurn", args: {} }),
    onFault: (error) => faults.push(error),
    data: fake.data,
  });
  return { made, ...fake, posted, afters, begun, faults };
}

test("a prompt is marked, begun and posted; it is done once the agent has it", async () => {
  const { made, calls, posted, afters, begun } = sender();
  made.send({ ...EMPTY_INBOX, queued: [prompt("c1", "list files")] });
  await settled();
  expect(calls).toEqual([
    { name: "sessionCommands:markSending", args: { commandId: "c1", generation: LEASE.generation } },
  ]);
  expect(begun).toEqual([{ id: RUN, rpcId: "rpc-1" }]);
  expect(posted).toEqual([
    {
      id: "rpc-1",
      method: "session/prompt",
      params: { sessionId: "agent-1", prompt: [{ type: "text", text: "list files" }] },
    },
  ]);
  await afters[0]?.();
  expect(calls.at(-1)).toEqual({ name: "sessionCommands:markDone", args: { commandId: "c1" } });
});

test("how the last turn has ended is saved before a prompt is marked, where it is not saved yet", async () => {
  const { made, calls } = sender();
  made.send({ ...EMPTY_INBOX, unsaved: true, queued: [prompt("c1")] });
  await settled();
  expect(calls.map(({ name }) => name)).toEqual(["saveTurn", "sessionCommands:markSending"]);
});

test("a prompt may be on its way for a second", async () => {
  const { made } = sender();
  expect(made.postingForMs).toBeLessThanOrEqual(0);
  made.send({ ...EMPTY_INBOX, queued: [prompt("c1")] });
  await settled();
  expect(made.postingForMs).toBe(1_000);
  vi.advanceTimersByTime(1_000);
  expect(made.postingForMs).toBeLessThanOrEqual(0);
});

test("what is posted is not posted again, though the inbox still has it", async () => {
  const { made, posted } = sender();
  for (let round = 0; round < 3; round += 1)
    made.send({ ...EMPTY_INBOX, queued: [prompt("c1"), cancel("c2")] });
  await settled();
  await settled();
  expect(posted).toHaveLength(2);
});

test("what this server has marked before goes first; what another has marked stays alone", async () => {
  const { made, names, posted } = sender();
  const own = { ...cancel("own"), generation: LEASE.generation };
  const foreign = { ...cancel("foreign"), generation: LEASE.generation - 1 };
  made.send({ ...EMPTY_INBOX, sending: [foreign, own], queued: [prompt("c1")] });
  await settled();
  await settled();
  expect(posted).toMatchObject([{ method: "session/cancel" }, { method: "session/prompt" }]);
  expect(names().filter((name) => name === "sessionCommands:markSending")).toHaveLength(2);
});

test("what could not be marked is not posted: the fault is told, and the next try sends it", async () => {
  let refuses = true;
  const { made, posted, faults } = sender(() => {
    if (refuses) throw refusal("lease_lost");
    return true;
  });
  made.send({ ...EMPTY_INBOX, queued: [prompt("c1")] });
  await settled();
  expect(posted).toEqual([]);
  expect(faults).toHaveLength(1);
  refuses = false;
  made.send({ ...EMPTY_INBOX, queued: [prompt("c1")] });
  await settled();
  expect(posted).toHaveLength(1);
});

test("what another server took meanwhile is left to it", async () => {
  const { made, posted, begun } = sender(() => false);
  made.send({ ...EMPTY_INBOX, queued: [prompt("c1")] });
  await settled();
  expect([posted, begun]).toEqual([[], []]);
});

test("a decision answers the agent's own question by its id", async () => {
  const { made, posted, names } = sender();
  const command = {
    kind: "decision" as const,
    approvalId: "a1" as Id<"approvals">,
    rpcId: "5",
    optionId: "once",
    toolCallId: "t",
  };
  made.send({ ...EMPTY_INBOX, queued: [{ id: "c1" as Id<"sessionCommands">, createdAt: 0, command }] });
  await settled();
  expect(posted).toEqual([{ id: 5, result: { outcome: { outcome: "selected", optionId: "once" } } }]);
  expect(names()).toEqual(["sessionCommands:markSending", "sessionCommands:markDone"]);
});

test("an answer that did not arrive is sent again", async () => {
  const { made, names, faults } = sender();
  const answer = {
    id: "c1" as Id<"sessionCommands">,
    generation: LEASE.generation,
    createdAt: 0,
    command: { kind: "answer" as const, agentId: "q", answers: null },
  };
  for (let round = 0; round < 2; round += 1) {
    made.send({ ...EMPTY_INBOX, sending: [answer] });
    await vi.waitFor(() => expect(faults).toHaveLength(round + 1), WAIT_TIMEOUT_MS);
  }
  expect(names().filter((name) => name === "sessionCommands:markSending")).toHaveLength(2);
});
