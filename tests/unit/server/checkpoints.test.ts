import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { CHECKPOINT_TIMES } from "#domain/checkpoints.ts";
import { NotStored } from "#server/checkpoints/checkpoint-store.ts";
import { FolderStore } from "#server/checkpoints/folder-store.ts";
import { removeStored, saveSession } from "#server/checkpoints/save.ts";
import { parseKeyring } from "#server/keys/envelope.ts";
import { SavedWorkspace } from "#server/checkpoints/saved-workspace.ts";
import { fakeData } from "#tests/fake-data.ts";

const base = fs.mkdtempSync(path.join(os.tmpdir(), "checkpoints-"));
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

const streamOf = (...pieces: (Uint8Array | Error)[]) =>
  new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = pieces.shift();
      if (next === undefined) controller.close();
      else if (next instanceof Error) controller.error(next);
      else controller.enqueue(next);
    },
  });
const bytesOf = async (stream: ReadableStream<Uint8Array>) =>
  Buffer.from(await new Response(stream).arrayBuffer());
const filesBelow = (folder: string) =>
  fs.existsSync(folder)
    ? fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    : [];

test("a folder stores all or nothing, and a name leads nowhere else", async () => {
  const folder = path.join(base, "store");
  const store = new FolderStore(folder);
  await store.put("s/one.pack", streamOf(Buffer.from("ab"), Buffer.from("c")), 3);
  expect((await bytesOf(await store.get("s/one.pack"))).toString()).toBe("abc");
  await expect(store.put("s/two.pack", streamOf(Buffer.from("abcd")), 3)).rejects.toMatchObject({ limit: 3 });
  await expect(store.put("s/two.pack", streamOf(Buffer.from("a"), new Error("cut")), 3)).rejects.toThrow(
    "cut",
  );
  await expect(store.get("s/two.pack")).rejects.toThrow(NotStored);
  expect(filesBelow(folder)).toHaveLength(1);
  for (const name of ["../x.pack", "/x.pack", "s/../x.pack", "s/x", ".pack", "S/x.pack"])
    await expect(store.get(name), name).rejects.toThrow("no name");
  // With what a server has left that ended in the middle.
  fs.writeFileSync(path.join(folder, "s/one.pack.abc.part"), "half");
  await store.remove("s/one.pack");
  await store.remove("s/one.pack");
  expect(fs.existsSync(path.join(folder, "s"))).toBe(false);
});

const ring = parseKeyring(`1:${Buffer.alloc(32, 1).toString("base64")}`);
const sessionId = "session" as Id<"sandboxSessions">;
const PACK = Buffer.from("a pack");

/** A save of a sandbox that says `said` of its pack and then sends `sent`. */
function saving(
  said: object,
  sent: ReadableStream<Uint8Array> = streamOf(PACK),
  finish: () => unknown = () => true,
) {
  const folder = fs.mkdtempSync(path.join(base, "save-"));
  const database = fakeData({
    "checkpoints:begin": () => ({
      state: "begun",
      checkpointId: "checkpoint",
      organizationId: "organization",
      key: null,
      sandboxId: "box",
      idleTimeoutMs: 1,
      previous: null,
      skip: ["node_modules"],
      withoutAgent: false,
    }),
    "checkpoints:alive": () => null,
    "checkpoints:taken": () => null,
    "checkpointKeys:add": ({ wrapped, kekVersion }) => ({ id: "key", wrapped, kekVersion }),
    "checkpoints:finish": finish,
    "checkpoints:fail": () => null,
    "checkpoints:unchanged": () => null,
  });
  const sandbox = {
    commands: {
      run: async () => ({
        stdout: JSON.stringify(said),
        stderr: "",
        wait: async () => ({ stdout: JSON.stringify(said) }),
      }),
    },
    files: { read: async () => sent, remove: async () => undefined },
  };
  const result = saveSession(sessionId, "turn", {
    data: database.data,
    store: new FolderStore(folder),
    ring,
    open: async () => sandbox as never,
  });
  return { result, database, stored: () => filesBelow(folder) };
}
const SAID = {
  unchanged: false,
  commit: "a".repeat(40),
  whole: true,
  bytes: PACK.length,
  sha256: createHash("sha256").update(PACK).digest("hex"),
  tree: "b".repeat(40),
  files: 1,
  workspaceBytes: 1,
  leftOut: [],
  leftOutCount: 0,
};

test("a checkpoint counts once what is stored has the hash that was sent", async () => {
  const { result, database, stored } = saving(SAID);
  expect(await result).toBe("saved");
  expect(database.names()).toEqual([
    "checkpoints:begin",
    "checkpoints:taken",
    "checkpointKeys:add",
    "checkpoints:finish",
  ]);
  const [file] = stored();
  // What lies there is no pack that anybody could read.
  const bytes = fs.readFileSync(path.join(file!.parentPath, file!.name));
  expect([bytes.toString("latin1", 0, 4), bytes.includes(PACK)]).toEqual(["STCP", false]);
});

test.each([
  ["another hash", { ...SAID, sha256: "0".repeat(64) }, undefined, true],
  ["another length", { ...SAID, bytes: 7 }, undefined, true],
  ["no commit", { ...SAID, commit: "../../etc" }, undefined, false],
  ["a connection that breaks off", SAID, streamOf(PACK.subarray(0, 2), new Error("cut")), true],
  ["its own failure", { error: "no room" }, undefined, false],
])("with %s it does not, and that is noted", async (_name, said, sent, isTaken) => {
  const { result, database } = saving(said, sent);
  expect(await result).toBe("failed");
  expect(database.names()).toEqual([
    "checkpoints:begin",
    ...(isTaken ? ["checkpoints:taken", "checkpointKeys:add"] : []),
    "checkpoints:fail",
  ]);
});

test("while it goes on, and no longer, a server says that it is still at it", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  let send = () => {};
  const sent = new ReadableStream<Uint8Array>({
    start: (controller) => {
      send = () => {
        controller.enqueue(PACK);
        controller.close();
      };
    },
  });
  const { result, database } = saving(SAID, sent);
  const beats = () => database.names().filter((name) => name === "checkpoints:alive").length;
  await vi.waitFor(() => expect(database.names()).toContain("checkpoints:taken"));
  vi.advanceTimersByTime(3 * CHECKPOINT_TIMES.aliveMs);
  expect(beats()).toBe(3);
  send();
  expect(await result).toBe("saved");
  vi.advanceTimersByTime(3 * CHECKPOINT_TIMES.aliveMs);
  expect(beats()).toBe(3);
});

test("what is no longer wanted is not kept", async () => {
  const { result, stored } = saving(SAID, undefined, () => false);
  expect(await result).toBe("none");
  expect(stored()).toEqual([]);
});

test("what another session has, too, stays stored until the last row is gone", async () => {
  const store = new FolderStore(path.join(base, "shared"));
  await store.put("s/one.pack", streamOf(PACK), 100);
  let isLast = false;
  const database = fakeData({ "checkpoints:release": () => isLast, "checkpoints:removed": () => null });
  const remove = async () =>
    await removeStored("checkpoint" as Id<"checkpoints">, "s/one.pack", { data: database.data, store });
  await remove();
  expect((await bytesOf(await store.get("s/one.pack"))).equals(PACK)).toBe(true);
  expect(database.names()).toEqual(["checkpoints:release"]);
  isLast = true;
  await remove();
  await expect(store.get("s/one.pack")).rejects.toThrow(NotStored);
  expect(database.names().slice(1)).toEqual(["checkpoints:release", "checkpoints:removed"]);
});

test("what is saved can be looked at without a sandbox, whatever attributes it has", async () => {
  const work = path.join(base, "work");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", work, "-c", "user.name=a", "-c", "user.email=a@b", ...args]);
  fs.mkdirSync(path.join(work, "workspace/deep/er"), { recursive: true });
  const files: Record<string, string> = {
    ".gitattributes": "* eol=crlf\nhidden export-ignore\nid export-subst\n",
    hidden: "seen\n",
    id: "$Format:%H$\n",
    ".env": "KEY=1\n",
    "deep/er/ü.txt": "ü\n",
    "-n": "dash\n",
  };
  for (const [name, text] of Object.entries(files))
    fs.writeFileSync(path.join(work, "workspace", name), text);
  fs.symlinkSync("/etc/passwd", path.join(work, "workspace/out"));
  git("init", "-q");
  git("-c", "core.autocrlf=false", "add", "-A");
  git("commit", "-qm", "x");
  const pack = execFileSync("git", ["-C", work, "pack-objects", "--stdout", "--revs", "-q"], {
    input: "HEAD\n",
  });
  const tree = git("rev-parse", "HEAD:workspace").toString().trim();
  const saved = new SavedWorkspace(fs.mkdtempSync(path.join(base, "saved-")), tree);
  await saved.load([async () => streamOf(pack)]);
  const root = await saved.entries((await saved.at(""))!);
  expect(root.map(({ name, kind }) => [name.toString(), kind])).toContainEqual(["out", "link"]);
  const deep = await saved.at("deep/er/ü.txt");
  expect((await saved.read(deep!, 100)).toString()).toBe("ü\n");
  expect((await bytesOf(saved.open((await saved.at("-n"))!))).toString()).toBe("dash\n");
  expect(await saved.at("out/passwd")).toBeNull();
  expect(await saved.at("none")).toBeNull();
  const into = fs.mkdtempSync(path.join(base, "into-"));
  execFileSync("tar", ["-xz", "-C", into], {
    input: await bytesOf(saved.archive((await saved.at(""))!, "tar.gz")),
  });
  for (const [name, text] of Object.entries(files))
    if (name === ".env") expect(fs.existsSync(path.join(into, name))).toBe(false);
    else expect(fs.readFileSync(path.join(into, name), "utf8"), name).toBe(text);
  await expect(saved.load([async () => streamOf(pack.subarray(0, 40))])).rejects.toThrow();
  await saved.remove();
});
