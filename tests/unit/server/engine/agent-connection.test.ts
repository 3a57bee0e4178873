import { expect, test, vi } from "vitest";
import { Masker } from "#domain/mask.ts";
import { connectAgent } from "#server/engine/agent-connection.ts";
import { LEASE, PLACE, RUN } from "./support.ts";

type Steps = NonNullable<Parameters<typeof connectAgent>[3]>;
type SessionData = Awaited<ReturnType<Steps["sessionOf"]>>;

const WHOLE = {
  sandboxId: "box",
  acpServerId: "acp",
  agentSessionId: "agent-1",
  provider: "demo",
  model: "demo",
  idleTimeoutMs: 60_000,
  activeRunId: RUN,
};

/** @param sessions what the database has, look by look */
function steps(sessions: object[]) {
  const restartAgent = vi.fn(async () => undefined);
  const carryOutRewind = vi.fn(async () => undefined);
  const masker = new Masker();
  const given: Steps = {
    sessionOf: async () =>
      ({ session: sessions.shift(), stream: { cursor: 12, held: undefined } }) as unknown as SessionData,
    carryOutRewind,
    restartAgent,
    maskerFor: async () => masker,
    serverNames: async () => [],
  };
  const connect = vi.fn(async () => PLACE.ref);
  const { signal } = new AbortController();
  return {
    connect,
    restartAgent,
    carryOutRewind,
    masker,
    run: async () => await connectAgent(LEASE, { connect }, signal, given),
  };
}

test("a connection is complete", async () => {
  const { run, connect, restartAgent, masker } = steps([WHOLE]);
  expect(await run()).toMatchObject({
    place: PLACE,
    sandboxId: "box",
    agentSessionId: "agent-1",
    models: { provider: "demo", model: "demo", masker },
    activeRunId: RUN,
    cursor: 12,
  });
  expect(connect).toHaveBeenCalledTimes(1);
  expect(restartAgent).not.toHaveBeenCalled();
});

test("an agent that is to be started again is, and what it became is connected to", async () => {
  const before = { ...WHOLE, agentRestart: "agent_exited", acpServerId: "old" };
  const { run, restartAgent } = steps([before, WHOLE]);
  expect((await run())?.place.acpServerId).toBe("acp");
  expect(restartAgent).toHaveBeenCalledWith(LEASE.sessionId, LEASE.generation);
});

test("a session that is to go back does so before its agent is started again", async () => {
  const asked = { ...WHOLE, rewindId: "rewind" };
  const { run, restartAgent, carryOutRewind } = steps([asked, { ...WHOLE, agentRestart: "rewound" }, WHOLE]);
  expect((await run())?.agentSessionId).toBe("agent-1");
  expect(carryOutRewind).toHaveBeenCalledWith(LEASE);
  expect(restartAgent.mock.invocationCallOrder[0]).toBeGreaterThan(
    carryOutRewind.mock.invocationCallOrder[0] ?? 0,
  );
});

test.each(["sandboxId", "acpServerId", "agentSessionId"])("there is none without %s", async (field) => {
  const { run, connect } = steps([{ ...WHOLE, [field]: undefined }]);
  expect(await run()).toBeNull();
  expect(connect).not.toHaveBeenCalled();
});
