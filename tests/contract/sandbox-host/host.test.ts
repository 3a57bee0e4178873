import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { Sandbox } from "e2b";
import { afterAll, expect, test } from "vitest";
import {
  API_KEY,
  eventually,
  HostProcess,
  processesWith,
  runToExit,
  temporaryFolder,
} from "./host-process.ts";
import { testAsRoot, testWithCgroups } from "#tests/test-where.ts";

const temporary = temporaryFolder();
let count = 0;
const freshData = (): string => path.join(temporary.folder, `data-${++count}`);

afterAll(() => temporary.remove());

const flags = (more: string[] = [], port = 0): string[] =>
  [`--port=${port}`, `--data=${freshData()}`, "--domain=localhost:1", `--api-key=${API_KEY}`].concat(more);

function cgroupsNamed(text: string): string[] {
  const root = "/sys/fs/cgroup";
  if (!fs.existsSync(root)) return [];
  return fs.readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(text));
}

test("SIGTERM ends all sandboxes and exits with 0; nothing is left", async () => {
  const data = freshData();
  const host = await HostProcess.start(data);
  // A second try must not meet what a first one left.
  const mark = `sleep 51${process.pid}${++count}`;
  const sandboxes = await Promise.all([host.create(), host.create()]);
  for (const sandbox of sandboxes) await sandbox.commands.run(mark, { background: true, timeoutMs: 0 });
  await eventually("both commands run", () => processesWith(mark).length === 2);
  expect(await host.stop()).toBe(0);
  expect(processesWith(mark)).toEqual([]);
  expect(fs.readdirSync(path.join(data, "sandboxes"))).toEqual([]);
  for (const { sandboxId } of sandboxes) expect(cgroupsNamed(sandboxId)).toEqual([]);
});

testWithCgroups("kill -9 takes the sandboxes along, paused ones too once the next host sweeps", async () => {
  const data = freshData();
  const mark = `sleep 52${process.pid}`;
  const first = await HostProcess.start(data);
  const [running, paused] = await Promise.all([first.create(), first.create()]);
  await running.commands.run(mark, { background: true, timeoutMs: 0 });
  await paused.commands.run(`${mark}9`, { background: true, timeoutMs: 0 });
  await paused.pause();
  await first.stop("SIGKILL");
  await eventually("the running one's processes are gone", () => processesWith(mark).length <= 1);
  const second = await HostProcess.start(data);
  // A third one may have been on its way, for the next caller.
  expect(second.stderr).toMatch(/removed [23] sandbox\(es\)/);
  await eventually("nothing of them is left", () => processesWith(mark).length === 0);
  const left = fs.readdirSync(path.join(data, "sandboxes"));
  for (const { sandboxId } of [running, paused]) {
    expect(left).not.toContain(sandboxId);
    expect(cgroupsNamed(sandboxId)).toEqual([]);
  }
  expect(await Sandbox.list(second.sdk).nextItems()).toEqual([]);
  const sandbox = await second.create();
  expect((await sandbox.commands.run("echo again")).stdout).toBe("again\n");
  await second.stop();
});

test("a second host is refused the same data folder", async () => {
  const data = freshData();
  const host = await HostProcess.start(data);
  const second = await runToExit(["--port", "0", "--data", data, "--domain", "x:1", "--api-key", "k"]);
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/in use by another sandbox host \(process \d+\)/);
  await host.stop();
});

test("a busy port, bad flags, a bad template: one sentence and exit code 1", async () => {
  const taken = net.createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as net.AddressInfo;
  const broken = path.join(temporary.folder, "broken");
  fs.mkdirSync(broken);
  fs.writeFileSync(
    path.join(broken, "template.json"),
    JSON.stringify({ mounts: [{ source: "/none", target: "/opt/x" }] }),
  );
  const cases: [string[], RegExp][] = [
    [flags([], port), new RegExp(`Cannot listen on 127.0.0.1:${port}: another program uses it`)],
    [["--port", "1"], /--data is missing|--domain is missing/],
    [flags(["--nonsense"]), /--nonsense/],
    [flags(["--publish", "localhost:80=127.0.0.1:80"]), /--publish: 'localhost:80=127.0.0.1:80'/],
    [flags(["--template", `broken=${broken}`]), /\/none does not exist/],
    [flags(["--template", "gone=/no/such/folder"]), /cannot read \/no\/such\/folder\/template.json/],
    [
      ["--port", "0", "--data", "/proc/nothing", "--domain", "x", "--api-key", "k"],
      /Cannot use \/proc\/nothing/,
    ],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runToExit(args);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(1);
  }
  taken.close();
}, 60_000);

test("without bubblewrap it refuses to start, and says how to install it", async () => {
  const { code, stderr } = await runToExit(flags(), { PATH: "/nowhere" });
  expect(code).toBe(1);
  expect(stderr).toMatch(/'bwrap' is missing: install it with '(sudo )?apt-get install bubblewrap'/);
});

test("walls that cannot be built: it says what bubblewrap said", async () => {
  const tools = path.join(temporary.folder, "tools");
  fs.mkdirSync(tools);
  fs.writeFileSync(
    path.join(tools, "bwrap"),
    '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
    {
      mode: 0o755,
    },
  );
  const { code, stderr } = await runToExit(flags(), { PATH: `${tools}:${process.env["PATH"]}` });
  expect(code).toBe(1);
  expect(stderr).toContain("No permissions to create new namespace");
});

testAsRoot("a root host works from folders that only root can enter", async () => {
  const closed = path.join(temporary.folder, "closed");
  fs.mkdirSync(closed, { mode: 0o700 });
  const template = path.join(closed, "template");
  fs.mkdirSync(path.join(template, "inner"), { recursive: true });
  fs.writeFileSync(path.join(template, "inner", "file"), "from a closed folder");
  fs.writeFileSync(
    path.join(template, "template.json"),
    JSON.stringify({ mounts: [{ source: "inner", target: "/opt/inner" }] }),
  );
  const host = await HostProcess.start(path.join(closed, "data"), ["--template", `closed=${template}`]);
  const sandbox = await host.create({}, "closed");
  await sandbox.files.write("/workspace/w", "written");
  const { stdout } = await sandbox.commands.run(
    "cat /opt/inner/file /workspace/w; ls /sys 2>/dev/null; true",
  );
  expect(stdout).toBe("from a closed folderwritten");
  expect(await sandbox.kill()).toBe(true);
  expect(await host.stop()).toBe(0);
});

testAsRoot("an ordinary user can be the host", async () => {
  const uid = 31_337;
  fs.chmodSync(temporary.folder, 0o711);
  const folder = fs.mkdtempSync(path.join(temporary.folder, "ordinary-"));
  fs.chownSync(folder, uid, uid);
  const host = await HostProcess.start(path.join(folder, "data"), [], { uid, gid: uid });
  const sandbox = await host.create();
  expect((await sandbox.commands.run("id -u; grep -c . /proc/net/dev")).stdout).toBe("1000\n3\n");
  await sandbox.files.write("/workspace/w", "x");
  expect(fs.statSync(path.join(folder, "data/sandboxes", sandbox.sandboxId, "workspace/w")).uid).toBe(uid);
  await sandbox.commands.run(
    "mkdir -p /workspace/a/b && touch /workspace/a/b/c && chmod 0 /workspace/a/b /workspace/a",
  );
  expect(await sandbox.kill()).toBe(true);
  // Another one may be waiting there for the next caller.
  expect(fs.readdirSync(path.join(folder, "data/sandboxes"))).not.toContain(sandbox.sandboxId);
  expect(await host.stop()).toBe(0);
});
