import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { wallOptions } from "#sandbox-host/walls/bubblewrap.ts";
import { findHierarchies } from "#sandbox-host/walls/cgroups.ts";
import { hardLimit } from "#sandbox-host/walls/rlimits.ts";
import { seccompFilter } from "#sandbox-host/walls/seccomp.ts";
import { isReachable, planStaging, quote } from "#sandbox-host/walls/stage.ts";
import { uidRange } from "#sandbox-host/walls/uids.ts";

test("cgroups: version 1 controllers, each below this process's own group", () => {
  const mountinfo = [
    "30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw",
    "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
    "33 30 0:29 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio",
    "34 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
  ].join("\n");
  expect(findHierarchies(mountinfo, "4:memory:/a/b\n1:cpu,cpuacct:/\n0::/\n")).toEqual([
    { version: 1, controllers: ["cpu", "cpuacct"], folder: "/sys/fs/cgroup/cpu,cpuacct" },
    { version: 1, controllers: ["memory"], folder: "/sys/fs/cgroup/memory/a/b" },
    { version: 2, controllers: [], folder: "/sys/fs/cgroup/unified" },
  ]);
});

test("cgroups: version 2, as a whole and as a container sees it", () => {
  const whole = "35 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw";
  expect(findHierarchies(whole, "0::/user.slice/user-1000.slice\n")).toEqual([
    { version: 2, controllers: [], folder: "/sys/fs/cgroup/user.slice/user-1000.slice" },
  ]);
  const container = "35 25 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw";
  expect(findHierarchies(container, "0::/docker/abc\n")[0]?.folder).toBe("/sys/fs/cgroup");
  expect(findHierarchies(container, "0::/elsewhere\n")[0]?.folder).toBe("/sys/fs/cgroup");
});

test("uids: the usual range, what a small container has, and none", () => {
  expect(uidRange("         0          0 4294967295\n")).toEqual({ first: 200_000, count: 100_000 });
  expect(uidRange("0 100000 65536\n")).toEqual({ first: 20_000, count: 45_435 });
  expect(uidRange("0 1000 1\n1 100000 65536\n")).toEqual({ first: 20_000, count: 45_436 });
  expect(uidRange("0 1000 1\n")).toBeUndefined();
});

test("rlimits: the hard limit of a name", () => {
  const limits =
    "Limit                     Soft Limit           Hard Limit           Units     \n" +
    "Max file size             unlimited            unlimited            bytes     \n" +
    "Max open files            1024                 4096                 files     \n";
  expect(hardLimit(limits, "Max open files")).toBe(4096);
  expect(hardLimit(limits, "Max file size")).toBe(Infinity);
});

test("staging: only what a stranger cannot reach takes the detour", () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "stage-"));
  onTestFinished(() => fs.rmSync(root, { recursive: true, force: true }));
  const file = path.join(root, "it's here");
  fs.writeFileSync(file, "x");
  fs.chmodSync(root, 0o700);
  const stranger = 54_321;
  expect(isReachable(file, stranger)).toBe(false);
  const { script, pathOf } = planStaging([file, "/usr"], stranger);
  expect(pathOf("/usr")).toBe("/usr");
  expect(pathOf(file)).toBe("/sys/0");
  expect(script.at(-1)).toBe(`mount --rbind ${quote(file)} /sys/0`);
  // What lies in a staged folder is found there, and what only begins with its name is not.
  const folder = planStaging([root], stranger);
  expect(folder.pathOf(file)).toBe("/sys/0/it's here");
  expect(folder.pathOf(`${root}-else`)).toBe(`${root}-else`);
  fs.chmodSync(root, 0o711);
  expect(planStaging([file, "/usr"], stranger).script).toEqual([]);
});

test("quoting survives every character", () => {
  expect(quote(`a'b"c $d`)).toBe(`'a'\\''b"c $d'`);
});

test("the walls: every namespace, no capability, nothing writable but the sandbox's own", () => {
  const options = wallOptions(
    {
      folder: "/data/s",
      etc: "/data/etc",
      readOnly: [{ source: "/x/node", target: "/opt/node" }],
      path: "/usr/bin",
      command: [],
    },
    (source) => source,
  );
  for (const space of ["user", "pid", "net", "ipc", "uts"]) expect(options).toContain(`--unshare-${space}`);
  for (const flag of ["--unshare-cgroup-try", "--disable-userns", "--die-with-parent", "--clearenv"]) {
    expect(options).toContain(flag);
  }
  expect(options[options.indexOf("--cap-drop") + 1]).toBe("ALL");
  const writable = options.flatMap((option, i) => (option === "--bind" ? [options[i + 1]] : []));
  expect(writable).toEqual(["/data/s/home", "/data/s/workspace"]);
  expect(options.join(" ")).toContain("--ro-bind /x/node /opt/node");
});

/** Runs a filter as the kernel would: classic BPF over struct seccomp_data. */
function judge(filter: Buffer, call: { arch: number; number: number; first?: number }): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.arch >>> 0, 4);
  data.writeUInt32LE((call.first ?? 0) >>> 0, 16);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const code = filter.readUInt16LE(at * 8);
    const value = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return value;
    if (code === 0x20) {
      accumulator = data.readUInt32LE(value);
      continue;
    }
    const holds =
      code === 0x15
        ? accumulator === value
        : code === 0x35
          ? accumulator >= value
          : (accumulator & value) !== 0;
    at += filter.readUInt8(at * 8 + (holds ? 2 : 3));
  }
  throw new Error("the filter runs off its end");
}

test.each([
  ["x64", { column: 0, arch: 0xc000003e, clone: 56, clone3: 435, socket: 41 }, { read: 0, ptrace: 101 }],
  ["arm64", { column: 1, arch: 0xc00000b7, clone: 220, clone3: 435, socket: 198 }, { read: 63, ptrace: 117 }],
] as const)("the filter of system calls on %s", (_name, platform, { read, ptrace }) => {
  const filter = seccompFilter(platform) ?? Buffer.alloc(0);
  const { arch, clone, clone3, socket } = platform;
  const answer = (number: number, first?: number) =>
    judge(filter, { arch, number, ...(first !== undefined && { first }) });
  const [allow, errno] = [0x7fff0000, 0x00050000];
  expect(answer(read)).toBe(allow);
  expect(answer(ptrace)).toBe(errno | 1);
  expect(answer(clone3)).toBe(errno | 38);
  // A thread and a fork, and each kind of namespace.
  expect(answer(clone, 0x003d0f00)).toBe(allow);
  expect(answer(clone, 17)).toBe(allow);
  for (const bit of [17, 25, 26, 27, 28, 29, 30]) expect(answer(clone, 17 | (1 << bit))).toBe(errno | 1);
  for (const family of [1, 2, 10, 16]) expect(answer(socket, family)).toBe(allow);
  for (const family of [0, 3, 15, 17, 38, 40, 44, 0xffffffff])
    expect(answer(socket, family)).toBe(errno | 97);
  expect(answer(read | 0x40000000)).toBe(errno | 38);
  // 32-bit programs have other numbers, which would mean other calls.
  expect(judge(filter, { arch: 0x40000003, number: 3 })).toBe(errno | 38);
  expect(filter.length / 8).toBeLessThan(4096);
});
