import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AgentServerError } from "../../../../lib/server/agent/bridge.ts";
import { AcpClient } from "../../../../lib/server/agent/client.ts";
import { causeOfFailedPost, throwIfLost } from "../../../../lib/server/engine/diagnosis.ts";
import { AgentLost, SandboxGone } from "../../../../lib/server/engine/endings.ts";
import { PLACE } from "./support.ts";

type State = Awaited<ReturnType<AcpClient["state"]>>;

const sandboxRuns = vi.fn<() => Promise<boolean | undefined>>();
vi.mock("../../../../lib/server/sandbox/sandbox.ts", async (original) => ({
  ...(await original<object>()),
  sandboxRuns: async () => await sandboxRuns(),
}));

vi.mock("node:timers/promises", async () => await import("../../../support/timers-promises.ts"));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function agent(state: State): AcpClient {
  const client = new AcpClient(PLACE);
  vi.spyOn(client, "state").mockResolvedValue(state);
  return client;
}

describe("a stream that stays broken", () => {
  test.each([
    ["says nothing for 3 s where the agent may still come back", true, "ended", 3_000, undefined],
    ["is an agent that has ended", true, "ended", 3_001, AgentLost],
    ["says nothing where its agent answers", true, "well", 29_000, undefined],
    ["says nothing where its host does not answer", undefined, "ended", 29_000, undefined],
    ["is a sandbox that has ended", false, "well", 0, SandboxGone],
    ["is as good as a lost sandbox after half a minute", undefined, "unreachable", 30_001, SandboxGone],
  ] as const)("%s", async (_, runs, state, forMs, thrown) => {
    sandboxRuns.mockResolvedValue(runs);
    const looked = throwIfLost(agent(state), "box", forMs);
    if (thrown) await expect(looked).rejects.toThrow(thrown);
    else await expect(looked).resolves.toBeUndefined();
  });
});

describe("a message that was not taken", () => {
  const broken = new TypeError("fetch failed");
  const causeOf = async (error: Error, runs: boolean | undefined, state: State) => {
    sandboxRuns.mockResolvedValue(runs);
    const cause = causeOfFailedPost(error, agent(state), "box");
    await vi.runAllTimersAsync();
    return await cause;
  };

  test("is the error itself where the agent is there all the same", async () => {
    expect(await causeOf(broken, true, "well")).toBe(broken);
  });

  test("is an agent that has ended: by its own word, or since its server does not answer", async () => {
    const said = new AgentServerError(500, "refused", "agent_process_exited");
    expect(await causeOf(said, true, "well")).toBeInstanceOf(AgentLost);
    expect(await causeOf(broken, true, "ended")).toBeInstanceOf(AgentLost);
    expect(await causeOf(new AgentServerError(502, "no"), true, "unreachable")).toBeInstanceOf(AgentLost);
  });

  test("is a sandbox that has ended", async () => {
    expect(await causeOf(broken, false, "unreachable")).toBeInstanceOf(SandboxGone);
  });

  test("is the error after half a minute in which nobody knows more", async () => {
    const begun = performance.now();
    expect(await causeOf(broken, undefined, "unreachable")).toBe(broken);
    expect(performance.now() - begun).toBeGreaterThan(30_000);
  });
});
