import type { Sandbox } from "e2b";
import { describe, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { ProgramFailed } from "#server/checkpoints/program.ts";
import { Spoiled } from "#server/checkpoints/restore.ts";
import { CheckpointGone } from "#server/checkpoints/rewind.ts";
import { carryOutRewind, rewindRestored } from "#server/engine/rewind.ts";
import { fakeData } from "#tests/fake-data.ts";
import { LEASE } from "./support.ts";

type Steps = NonNullable<Parameters<typeof carryOutRewind>[2]>;

const ORDER = {
  rewindId: "rewind",
  isApplying: false,
  what: "both",
  checkpointId: "target",
  baseId: "base",
  undoId: null,
  sandboxId: "box",
  idleTimeoutMs: 60_000,
  overwrite: ["a"],
  keep: ["b"],
};
const DONE = { counts: { added: 0, changed: 1, deleted: 0 }, listed: [], open: [], openCount: 0, kept: [] };

/** @param replace what each act in the sandbox comes to */
function parts(order: object | null, replace: (() => unknown)[] = [() => DONE], saves = ["saved", "saved"]) {
  const did: string[] = [];
  const fake = fakeData({
    "sessionRewinds:take": () => order,
    "sessionRewinds:begin": () => "safety",
    "sessionRewinds:applied": () => null,
    "sessionRewinds:fail": () => null,
  });
  const steps = {
    saveSession: vi.fn(async (_id: unknown, cause: string, { ofRewind }: { ofRewind?: object } = {}) => {
      did.push(ofRewind ? `save outcome (${cause})` : `save (${cause})`);
      return saves.shift() ?? "saved";
    }),
    rewindFiles: vi.fn(async (_box: Sandbox, _id: Id<"sandboxSessions">, { checkpointId }: never) => {
      did.push(`go to ${String(checkpointId)}`);
      return (replace.shift() ?? (() => DONE))();
    }),
    stopAgentServer: vi.fn(async () => void did.push("end agent")),
    openSandbox: vi.fn(async () => ({})),
  };
  const run = async () => await carryOutRewind(LEASE, fake.data, steps as unknown as Steps);
  const restored = { sandbox: {} as Sandbox, checkpointId: "safety" as Id<"checkpoints"> };
  const start = async (at = restored) =>
    await rewindRestored(LEASE, at, fake.data, steps as unknown as Steps);
  const told = (name: string) => fake.calls.filter((call) => call.name === `sessionRewinds:${name}`);
  return { run, start, did, steps, told };
}

test("what is there is saved, the agent ended, the sandbox brought back, and the outcome saved, in that order", async () => {
  const { run, did, steps, told } = parts(ORDER);
  await run();
  expect(did).toEqual(["save (rewind)", "end agent", "go to target", "save outcome (rewind)"]);
  expect(steps.rewindFiles.mock.calls[0]?.[2]).toEqual({
    what: "both",
    checkpointId: "target",
    baseId: "base",
    safetyId: "safety",
    overwrite: ["a"],
    keep: ["b"],
  });
  expect(told("applied")[0]?.args).toMatchObject({ rewindId: "rewind", counts: DONE.counts });
  expect(told("fail")).toEqual([]);
});

test("files alone leave the agent running", async () => {
  const { run, did } = parts({ ...ORDER, what: "files" });
  await run();
  expect(did).not.toContain("end agent");
});

test("one that was taken over in the middle is done again, without saving what is half replaced", async () => {
  const { run, did } = parts({ ...ORDER, isApplying: true, undoId: "safety" });
  await run();
  expect(did).toEqual(["end agent", "go to target", "save outcome (rewind)"]);
});

test("nothing is changed where what is there can't be saved", async () => {
  const { run, did, told } = parts(ORDER, [], ["failed"]);
  await run();
  expect(did).toEqual(["save (rewind)"]);
  expect(told("fail")[0]?.args).toMatchObject({
    restart: false,
    error: expect.stringContaining("couldn't be saved"),
  });
});

test("files that nobody named end it, with the agent started again where it was ended", async () => {
  const { run, did, told } = parts(ORDER, [() => ({ ...DONE, open: ["x"], openCount: 1 })]);
  await run();
  expect(did.at(-1)).toBe("go to target");
  expect(told("fail")[0]?.args).toMatchObject({ paths: ["x"], restart: true });
});

const failing = (error: Error) => () => {
  throw error;
};

test("one that breaks takes back what it did", async () => {
  const { run, did, told, steps } = parts(ORDER, [failing(new ProgramFailed({ error: "no room" }))]);
  await run();
  expect(did.slice(-2)).toEqual(["go to target", "go to safety"]);
  expect(steps.rewindFiles.mock.calls.at(-1)?.[2]).toMatchObject({ safetyId: "target", overwrite: ["/"] });
  expect(told("fail")[0]?.args).toMatchObject({
    restart: true,
    error: expect.stringContaining("brought back"),
  });
});

test.each([
  ["gone", new CheckpointGone(), "no longer saved"],
  ["spoiled", new Spoiled({} as never, "its hash is another"), "can't be read"],
])("one whose checkpoint is %s has changed nothing, and says so", async (_, error, sentence) => {
  const { run, did, told } = parts(ORDER, [failing(error)]);
  await run();
  expect(did.at(-1)).toBe("go to target");
  expect(told("fail")[0]?.args).toMatchObject({ restart: true, error: expect.stringContaining(sentence) });
  // A server before it may have.
  const taken = parts({ ...ORDER, isApplying: true, undoId: "safety" }, [failing(error)]);
  await taken.run();
  expect(taken.did.at(-1)).toBe("go to safety");
});

describe("a session that goes on to go back", () => {
  test("needs no save before, since it was just restored, and ends no agent", async () => {
    const { start, did, told, steps } = parts(ORDER);
    expect(await start()).toBe(true);
    expect(did).toEqual(["go to target", "save outcome (rewind)"]);
    expect(told("begin")[0]?.args).toMatchObject({ restoredId: "safety" });
    expect(steps.openSandbox).not.toHaveBeenCalled();
  });

  test("is as it was where something is in the way, or breaks, and its agent starts once all the same", async () => {
    const open = parts(ORDER, [() => ({ ...DONE, open: ["x"], openCount: 1 })]);
    expect(await open.start()).toBe(false);
    expect(open.told("fail")[0]?.args).toMatchObject({ paths: ["x"], restart: false });
    const broken = parts(ORDER, [failing(new ProgramFailed({ error: "no room" }))]);
    expect(await broken.start()).toBe(false);
    expect(broken.did).toEqual(["go to target", "go to safety"]);
    expect(broken.told("fail")[0]?.args).toMatchObject({ restart: false });
  });

  test("does it again in another sandbox, after a crash in the middle", async () => {
    const { start, did, told } = parts({ ...ORDER, isApplying: true, undoId: "safety" });
    expect(await start()).toBe(true);
    expect(did).toEqual(["go to target", "save outcome (rewind)"]);
    expect(told("begin")).toEqual([]);
  });

  test("changes nothing where what was there is spoiled since, and an earlier checkpoint restored", async () => {
    const { start, did, told } = parts({ ...ORDER, isApplying: true, undoId: "spoiled" });
    expect(await start()).toBe(false);
    expect(did).toEqual([]);
    expect(told("fail")).toHaveLength(1);
  });

  test("begins where there is no order any longer", async () => {
    expect(await parts(null).start()).toBe(false);
  });
});

test("an outcome that can't be saved does not count", async () => {
  const { run, did, told } = parts(ORDER, undefined, ["saved", "failed"]);
  await run();
  expect(did.at(-1)).toBe("go to safety");
  expect(told("fail")).toHaveLength(1);
});

test("without an order nothing is done", async () => {
  const { run, did } = parts(null);
  await run();
  expect(did).toEqual([]);
});
