import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../sandbox-host/host-process.ts";
import { Field } from "./sandboxed-agent.ts";

let field: Field;

beforeAll(async () => {
  field = await Field.start();
}, 120_000);
afterAll(async () => {
  await field?.stop();
});

test(
  "an agent that was started for nobody becomes a session's: its model, its leave, its variables, nothing of before",
  { timeout: 120_000 },
  async () => {
    const { startWarmAgent } = await import("#server/sandbox-start/warm-agent.ts");
    const sandbox = await field.sandbox({}, {});
    const bridge = await startWarmAgent(sandbox);
    // Until it is claimed it has no door: who has no key could not use one, and nobody has.
    const ports = await sandbox.commands.run("cat /proc/net/tcp /proc/net/tcp6");
    expect(ports.stdout).not.toContain(`:${(2468).toString(16).toUpperCase().padStart(4, "0")}`);

    const agent = field.unstarted(sandbox);
    await agent.claim(bridge, { DEMO_API_KEY: "late-token", GIVEN: "late-variable" });
    agent.decide = () => "once";
    const answer = await agent.script(
      "run env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'",
      "say done",
    );
    expect(answer.error).toBeUndefined();
    // What it may do is the session's: nobody's agent would have been refused everything.
    const [asked] = agent.asked;
    expect(asked?.command).toContain("env");
    const env = agent.output(asked?.toolCallId ?? "");
    expect(env).toContain("GIVEN=late-variable");
    expect(env).not.toContain("OPENCODE_SERVER_PASSWORD=");
    expect(env).not.toContain("OPENCODE_CONFIG_CONTENT=");
    await eventually("the agent is done", () => agent.text.includes("done"));
    // Its stream begins with its own start, and its store has no other session.
    const { messages } = await agent.client.untilNow(10_000);
    const sessions = messages.map(({ params }) => params?.["sessionId"]).filter((id) => id !== undefined);
    expect(new Set(sessions)).toEqual(new Set([agent.sessionId]));
    const { listOfAgent } = await import("#server/agent/own-server.ts");
    expect((await listOfAgent(agent.place, "/session")) as { id: string }[]).toMatchObject([
      { id: agent.sessionId },
    ]);
    agent.stop();
  },
);
