import { expect, test } from "vitest";
import { Api, until } from "#tests/api.ts";
import { startStudio } from "#tests/studio.ts";

/** Two web servers on one database share the work: whoever is asked does it, or has it done by whoever holds the session. */

const { stack } = await startStudio();
const { apiKey } = stack.credentials;
const first = Api.withKey(stack.url, apiKey);
const second = Api.withKey(await stack.startSecond(), apiKey);

const whole = async (id: string) => {
  const events = await first.events(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  return events.map(({ type }) => type);
};

test("what one holds the other is asked for, and both see the same", async () => {
  const session = await first.createSession();
  const runId = await second.send(session.id, "create a file shared.txt containing shared");
  const { approval_key } = await first.question(runId);
  expect((await second.decide(runId, approval_key, "approved")).status).toBe(200);
  expect((await first.decide(runId, approval_key, "denied")).status, "the first answer stands").toBe(409);
  expect(await first.finish(runId)).toMatchObject({ status: "completed" });
  expect((await whole(session.id)).filter((type) => type === "tool.completed")).toHaveLength(1);
  expect(await second.stop(session.id)).toBe(204);
  expect((await first.session(session.id)).status).toBe("stopped");
});

test("a server that is told to end hands its sessions over, and one that is killed is followed in time", async () => {
  for (const by of ["SIGTERM", "SIGKILL"] as const) {
    const session = await second.createSession();
    const runId = await second.send(session.id, `create a file ${by}.txt containing kept`);
    const { approval_key } = await second.question(runId);
    await stack.kill("second web", by);
    expect((await first.decide(runId, approval_key, "approved")).status).toBe(200);
    expect(await first.finish(runId)).toMatchObject({ status: "completed" });
    expect(await stack.readSandboxFile(session.sandboxId ?? "", `/workspace/${by}.txt`)).toBe("kept\n");
    const types = await whole(session.id);
    expect(types.filter((type) => type === "tool.completed")).toHaveLength(1);
    expect(types.filter((type) => type === "approval.decided")).toHaveLength(1);
    await first.stop(session.id);
    await stack.restart("second web");
  }
});

test.each(["SIGTERM", "SIGKILL"] as const)(
  "a %s in the middle of a text and of a command: nothing of them is told twice, and nothing is missing",
  async (by) => {
    const session = await second.createSession();
    const count = "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; sleep 0.4; done";
    const runId = await second.send(session.id, `\`\`\`demo\nrun ${count}\nstream 400\n\`\`\``);
    const seen = async (type: string) =>
      (await first.events(session.id)).some((event) => event.type === type);
    await second.decide(runId, (await second.question(runId)).approval_key, "approved");
    await until("a part of the output", async () => await seen("tool.output.chunk"));
    await stack.kill("second web", by);
    // The next one takes over in the middle of the text.
    await until("a part of the text", async () => await seen("llm.response.chunk"), 60_000);
    const restarted = stack.restart("second web");
    await stack.kill("web", by);
    await restarted;
    await stack.restart("web");
    const run = await first.finish(runId);
    expect(run).toMatchObject({ status: "completed" });

    const events = await first.events(session.id);
    const types = await whole(session.id);
    for (const type of ["tool.requested", "tool.started", "tool.completed", "run.started"])
      expect(
        types.filter((t) => t === type),
        type,
      ).toHaveLength(1);
    const joined = (type: string, id: unknown) =>
      events
        .filter(
          (event) =>
            event.type === type && [event.payload.message_id, event.payload.tool_call_id].includes(id),
        )
        .map(({ payload }) => payload.delta)
        .join("");
    const call = events.find(({ type }) => type === "tool.completed")?.payload;
    expect(call?.output).toBe(`${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `line ${i}`).join("\n")}\n`);
    expect(call?.output).toContain(joined("tool.output.chunk", call?.tool_call_id));
    const said = events.findLast(({ type }) => type === "message.assistant")?.payload;
    expect(run.output).toBe(said?.content);
    expect(said?.content).toBe(joined("llm.response.chunk", said?.message_id));
    // The model call went through the server that ended, so the agent made it again: the whole text is there.
    const words = "one red sky oak sun map ink bay elm fox jar key".split(" ");
    const text = Array.from({ length: 400 }, (_, i) => words[i % words.length]).join(" ");
    expect(run.output).toContain(text);
    await first.stop(session.id);
  },
);
