import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Sandbox, SandboxError, type SnapshotInfo } from "e2b";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataFolderFor, HostProcess, IDENTITIES, temporaryFolder } from "./host-process.ts";

const temporary = temporaryFolder();
const data = path.join(temporary.folder, "data");
let host: HostProcess;

beforeAll(async () => {
  host = await HostProcess.start(data);
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

async function all(query: Parameters<typeof Sandbox.listSnapshots>[0] = {}): Promise<SnapshotInfo[]> {
  const found: SnapshotInfo[] = [];
  const paginator = Sandbox.listSnapshots({ ...host.sdk, ...query });
  while (paginator.hasNext) found.push(...(await paginator.nextItems()));
  return found;
}

test("a snapshot keeps home and workspace as they were, for sandboxes of their own", async () => {
  const source = await host.create();
  await source.commands.run(
    "echo one > ~/a; mkdir -m 500 /workspace/d; ln -s /etc/passwd /workspace/link; chmod 640 ~/a",
  );
  await source.files.write("/workspace/noted", "n", { metadata: { author: "mira" } });
  const { snapshotId } = await source.createSnapshot();
  await source.commands.run("echo two > ~/a; rm /workspace/link");
  expect((await source.commands.run("cat ~/a")).stdout).toBe("two\n");
  await source.kill();
  const [first, second] = await Promise.all([host.create({}, snapshotId), host.create({}, snapshotId)]);
  await first.files.write("/home/user/a", "mine");
  const { stdout } = await second.commands.run(
    "cat ~/a; stat -c '%a %U' ~/a /workspace/d; readlink /workspace/link; echo b > ~/b && cat ~/b",
  );
  expect(stdout).toBe("one\n640 user\n500 user\n/etc/passwd\nb\n");
  expect((await second.files.getInfo("/workspace/noted")).metadata).toEqual({ author: "mira" });
  expect((await second.getInfo()).templateId).toBe(snapshotId);
  await Promise.all([first.kill(), second.kill()]);
  expect(await Sandbox.deleteSnapshot(snapshotId, host.sdk)).toBe(true);
  expect(await Sandbox.deleteSnapshot(snapshotId, host.sdk)).toBe(false);
  await expect(host.create({}, snapshotId)).rejects.toThrow(/not found/);
});

test("what sandboxes change stays theirs, below links and renamed folders too, and outlives the snapshot", async () => {
  const source = await host.create();
  await source.commands.run(
    "cd /workspace && mkdir -p modules/a modules/b && echo one > modules/a/f && ln modules/a/f modules/a/g && echo b > modules/b/f",
  );
  const { snapshotId } = await source.createSnapshot();
  await source.kill();
  const [one, two] = await Promise.all([host.create({}, snapshotId), host.create({}, snapshotId)]);
  // In place, by a hard link, by a folder's new name, and by a folder in place of one that is gone.
  await one.commands.run(
    "cd /workspace/modules && echo two >> a/f && mv a c && rm -r b && mkdir b && touch b/new",
  );
  const look = "cd /workspace/modules && cat */[fg] && ls b && stat -c '%h %U' */g";
  expect((await one.commands.run(look)).stdout).toBe("one\ntwo\none\ntwo\nnew\n2 user\n");
  expect((await two.commands.run(look)).stdout).toBe("one\none\nb\nf\n2 user\n");
  // Removed while two of them read it; and what one of them has now can begin others.
  const { snapshotId: next } = await one.createSnapshot();
  expect(await Sandbox.deleteSnapshot(snapshotId, host.sdk)).toBe(true);
  const three = await host.create({}, next);
  await one.kill();
  expect((await two.commands.run(look)).stdout).toBe("one\none\nb\nf\n2 user\n");
  expect((await three.commands.run(look)).stdout).toBe("one\ntwo\none\ntwo\nnew\n2 user\n");
  await three.pause({ keepMemory: false });
  const paused = await three.createSnapshot();
  const four = await host.create({}, paused.snapshotId);
  expect((await four.commands.run(look)).stdout).toBe("one\ntwo\none\ntwo\nnew\n2 user\n");
  await Promise.all([two.kill(), three.kill(), four.kill()]);
  for (const id of [next, paused.snapshotId]) await Sandbox.deleteSnapshot(id, host.sdk);
  const left = () => fs.readdirSync(path.join(data, "snapshots"));
  await expect.poll(left).toEqual([]);
});

describe.each(IDENTITIES)("of a host that is $name", ({ identity }) => {
  const own = dataFolderFor(temporary.folder, identity);
  let ownHost: HostProcess;

  beforeAll(async () => {
    ownHost = await HostProcess.start(own, [], identity);
  });
  afterAll(async () => {
    await ownHost?.stop();
  });

  test("what runs goes on after a snapshot", async () => {
    const sandbox = await ownHost.create();
    const command = await sandbox.commands.run("sleep 50", { background: true, timeoutMs: 0 });
    await sandbox.files.write("/workspace/kept", "yes");
    const { snapshotId } = await sandbox.createSnapshot();
    expect((await sandbox.commands.list()).map((p) => p.pid)).toContain(command.pid);
    expect((await sandbox.commands.run("echo on")).stdout).toBe("on\n");
    const copy = await ownHost.create({}, snapshotId);
    expect(await copy.files.read("/workspace/kept")).toBe("yes");
    await Promise.all([sandbox.kill(), copy.kill()]);
  });

  test("links that change meanwhile bring nothing of the host into a snapshot", async () => {
    const secret = path.join(path.dirname(own), "secret");
    fs.mkdirSync(path.join(secret, "sub"), { recursive: true });
    fs.writeFileSync(path.join(secret, "sub", "file"), "of the host");
    const sandbox = await ownHost.create();
    await sandbox.commands.run(`mkdir -p ~/d/sub; cd ~; seq 1 200 | xargs -I{} sh -c 'echo {} > d/sub/{}'`);
    await sandbox.commands.run(
      `cd ~; while :; do mv -T d e; ln -sfn ${secret} d; rm -f d; mv -T e d; done 2>/dev/null`,
      { background: true, timeoutMs: 0 },
    );
    for (let i = 0; i < 5; i++) await sandbox.createSnapshot();
    await sandbox.kill();
    // Unlike Node's own listing, find does not follow links.
    const find = (name: string) =>
      execFileSync("find", [path.join(own, "snapshots"), "-name", name], { encoding: "utf8" }).trim();
    expect(find("200")).not.toBe("");
    expect(find("file")).toBe("");
  });
});

test("names, filters, pages, and refusals", async () => {
  const [one, other] = await Promise.all([host.create(), host.create()]);
  const named = await one.createSnapshot({ name: "kept" });
  expect(named).toMatchObject({ snapshotId: "kept:default", names: ["kept:default"] });
  const more = [await one.createSnapshot(), await other.createSnapshot()];
  const ids = [named, ...more].map((snapshot) => snapshot.snapshotId);
  expect((await all({ limit: 1 })).map((snapshot) => snapshot.snapshotId).toSorted()).toEqual(ids.toSorted());
  expect((await all({ sandboxId: other.sandboxId })).map((s) => s.snapshotId)).toEqual([ids[2]]);
  expect((await all({ name: "kept" })).map((s) => s.snapshotId)).toEqual(["kept:default"]);
  expect(await all({ name: "other" })).toEqual([]);
  // The same name again takes its place.
  await one.files.write("/workspace/newer", "x");
  await one.createSnapshot({ name: "kept" });
  expect(await all({ name: "kept" })).toHaveLength(1);
  const again = await host.create({}, "kept");
  expect(await again.files.exists("/workspace/newer")).toBe(true);
  await expect(one.createSnapshot({ name: "../up" })).rejects.toThrow(SandboxError);
  await expect(one.createSnapshot({ name: "base" })).rejects.toThrow(/409/);
  await expect(Sandbox.deleteSnapshot("base", host.sdk)).rejects.toThrow(/403/);
  await Promise.all([one.kill(), other.kill(), again.kill()]);
  for (const id of ids) await Sandbox.deleteSnapshot(id, host.sdk);
  expect(fs.readdirSync(path.join(data, "snapshots"))).toEqual([]);
});

test("snapshots outlast the host, and half of one does not", async () => {
  const sandbox = await host.create();
  await sandbox.files.write("/workspace/lasting", "yes");
  await sandbox.createSnapshot({ name: "lasting" });
  await host.stop("SIGKILL");
  fs.mkdirSync(path.join(data, "snapshots", "half", "home"), { recursive: true });
  host = await HostProcess.start(data);
  expect((await all()).map((snapshot) => snapshot.snapshotId)).toEqual(["lasting:default"]);
  const back = await host.create({}, "lasting");
  expect(await back.files.read("/workspace/lasting")).toBe("yes");
  await back.kill();
  expect(fs.existsSync(path.join(data, "snapshots", "half"))).toBe(false);
});
