import { afterAll, beforeAll, expect, test } from "vitest";
import { Api } from "../support/api.ts";
import { Stack } from "../support/stack.ts";

/** Two web servers on one database share the work: whoever is asked does it, or has it done by whoever holds the session. */
let stack: Stack;
let first: Api;
let second: Api;

beforeAll(async () => {
  stack = await Stack.start();
  const { apiKey } = stack.credentials;
  first = Api.withKey(stack.url, apiKey);
  second = Api.withKey(await stack.startSecond(), apiKey);
});
afterAll(async () => await stack?.stop());

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
