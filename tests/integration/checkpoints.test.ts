import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { until } from "#tests/api.ts";
import { sharedStudio } from "#tests/shared-studio.ts";

const { stack, api } = await sharedStudio();

const eventsOf = async (id: string, type: string) =>
  (await api.events(id)).filter((event) => event.type === type).map((event) => event.payload);
const savedWith = async (id: string, count: number) =>
  await until("the work to be saved", async () => {
    const events = await eventsOf(id, "checkpoint.created");
    return events.length >= count && events;
  });
const live = async (id: string) =>
  await until("a live session", async () => {
    const session = await api.session(id);
    if (session.status === "error") throw new Error(session.errorMessage ?? "");
    return session.status !== "provisioning" && session;
  });
const outputOf = async (id: string, run: string) => {
  const events = await api.events(id);
  return events.find((event) => event.run_id === run && event.type === "tool.completed")?.payload.output;
};
const put = async (id: string, file: string, content: string) =>
  await api.call("PUT", `/api/studio/sessions/${id}/files`, { path: file, content, expectedHash: null });
const packs = (id: string) => {
  const folder = path.join(stack.env("web").STUDIO_DATA_DIR ?? "", "checkpoints", id);
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
};

test("a stopped session goes on with its files and its agent's memory, also by a message alone", async () => {
  const { id, agentSessionId } = await api.createSession();
  await api.finish(await api.send(id, "create a file a.txt containing one"));
  const [began, first] = await savedWith(id, 2);
  expect([began?.["cause"], first?.["cause"], first?.["left_out"]]).toEqual(["start", "turn", 0]);
  // By hand, behind the turn, and ignored by git.
  await put(id, ".env.local", "MINE=1\n");
  await put(id, "by hand/ü.txt", "by hand\n");
  expect(await api.stop(id)).toBe(204);
  const stopped = await api.session(id);
  expect(stopped).toMatchObject({ status: "stopped", checkpointId: expect.any(String) });
  expect((await eventsOf(id, "checkpoint.created")).at(-1)).toMatchObject({ cause: "stop" });

  const asked = await api.call("POST", `/api/studio/sessions/${id}/resume`);
  expect(asked).toMatchObject({ status: 202, body: { session: { status: "provisioning" } } });
  const resumed = await live(id);
  expect(resumed.agentSessionId).toBe(agentSessionId);
  expect(resumed.sandboxId).not.toBe(stopped.sandboxId);
  expect(await eventsOf(id, "session.restored")).toEqual([
    expect.objectContaining({ files: "restored", history: "kept", checkpoint_id: stopped.checkpointId }),
  ]);
  const sandboxId = resumed.sandboxId ?? "";
  expect(await stack.readSandboxFile(sandboxId, "/workspace/a.txt")).toMatch(/^one/);
  expect(await stack.readSandboxFile(sandboxId, "/workspace/.env.local")).toBe("MINE=1\n");

  const second = await api.send(id, "run `cat 'by hand/ü.txt'`");
  await api.finish(second);
  expect(await outputOf(id, second)).toContain("by hand");
  await savedWith(id, 4);
  await api.stop(id);
  const third = await api.send(id, "run `cat a.txt`");
  await api.finish(third);
  expect(await outputOf(id, third)).toContain("one");
  const events = await api.events(id);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  await api.stop(id);
}, 120_000);

test("what is stored and spoiled is passed over for the checkpoint before", async () => {
  const { id } = await api.createSession();
  await api.finish(await api.send(id, "create a file a.txt containing one"));
  await savedWith(id, 2);
  const before = packs(id);
  await put(id, "b.txt", "two\n");
  await api.stop(id);
  const [last] = packs(id).filter((file) => !before.includes(file));
  const bytes = fs.readFileSync(last ?? "");
  bytes[bytes.length >> 1]! ^= 1;
  fs.writeFileSync(last ?? "", bytes);
  await api.call("POST", `/api/studio/sessions/${id}/resume`);
  const { sandboxId } = await live(id);
  expect(await stack.readSandboxFile(sandboxId ?? "", "/workspace/a.txt")).toMatch(/^one/);
  await expect(stack.readSandboxFile(sandboxId ?? "", "/workspace/b.txt")).rejects.toThrow();
  await api.stop(id);
}, 120_000);
