import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Sandbox } from "e2b";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataFolderFor, eventually, HostProcess, IDENTITIES, temporaryFolder } from "./host-process.ts";
import { testWhere } from "#tests/test-where.ts";

/** Numbers on x86-64, of calls that succeed for an ordinary process where no filter stands before them. */
const CALLS = {
  ptrace: "101, 0, 0, 0, 0",
  keyctl: "250, 0, -4, 1, 0, 0",
  add_key: "248, $user, $name, $name, 1, -4",
  userfaultfd: "323, 1",
  io_uring_setup: "425, 8, $space",
  process_vm_readv: "310, $$, 0, 0, 0, 0, 0",
  unshare: "272, 0",
  pidfd_getfd: "438, 0, 0, 0",
  perf_event_open: "298, $space, 0, -1, -1, 0",
};
const EPERM = 1;
const EAFNOSUPPORT = 97;
const SMALL = ["--memory-mb=512", "--disk-mb=200", "--processes=300"];

describe.each(IDENTITIES)("a hostile sandbox of a host that is $name", ({ identity }) => {
  const temporary = temporaryFolder();
  const data = dataFolderFor(temporary.folder, identity);
  const secret = path.join(path.dirname(data), "secret.txt");
  let host: HostProcess;
  let hostile: Sandbox;
  let neighbour: Sandbox;

  beforeAll(async () => {
    fs.writeFileSync(secret, "of the host");
    fs.chmodSync(secret, 0o644);
    host = await HostProcess.start(data, SMALL, identity);
    [hostile, neighbour] = await Promise.all([host.create(), host.create()]);
    await neighbour.files.write("/workspace/mine", "of the neighbour");
  });

  afterAll(async () => {
    await host?.stop();
    temporary.remove();
  });

  const run = async (command: string, sandbox = hostile): Promise<string> =>
    (await sandbox.commands.run(command, { timeoutMs: 30_000 })).stdout.trim();
  const isWell = async () => expect(await run("cat /workspace/mine", neighbour)).toBe("of the neighbour");
  const residentMb = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${host.child.pid}/status`, "utf8"))?.[1]) / 1024;

  test("files of the host and of a neighbour cannot be had by any path", async () => {
    const other = path.join(data, "sandboxes", neighbour.sandboxId, "workspace/mine");
    expect(fs.readFileSync(other, "utf8")).toBe("of the neighbour");
    for (const file of [secret, other, path.join(data, "host.json")]) {
      const ways = [
        file,
        `/proc/1/root${file}`,
        `/proc/self/root${file}`,
        `/proc/2/cwd/../../../../..${file}`,
      ];
      for (const way of ways) {
        await expect(hostile.files.read(way), way).rejects.toThrow(/not exist|not found/i);
        expect(await run(`cat ${way} 2>/dev/null; echo x > ${way} 2>/dev/null; true`), way).toBe("");
      }
      await run(`ln -sfn ${file} ~/link; ln -sfn / ~/up`);
      for (const way of ["link", `up${file}`, `../..${file}`]) {
        await expect(hostile.files.read(way), way).rejects.toThrow(/not exist|not found/i);
      }
    }
    expect(fs.readFileSync(secret, "utf8")).toBe("of the host");
    await isWell();
  });

  test("links that change while the files API follows them stay inside", async () => {
    await run("mkdir -p ~/race; echo own > ~/race/own");
    await hostile.commands.run(`cd ~/race; while :; do ln -sfn own link; ln -sfn ${secret} link; done`, {
      background: true,
      timeoutMs: 10_000,
    });
    for (let i = 0; i < 50; i++) {
      const text = await hostile.files.read("race/link").catch(() => "none");
      expect(["own\n", "none"]).toContain(text);
    }
    for (let i = 0; i < 20; i++) await hostile.files.write("race/link", "own\n").catch(() => undefined);
    expect(fs.readFileSync(secret, "utf8")).toBe("of the host");
    await run("pkill ln; pkill -f 'ln -sf[n]' ; true");
  });

  testWhere(process.arch === "x64", "the numbers of the calls are those of x64")(
    "calls that no build needs are refused",
    async () => {
      for (const [name, call] of Object.entries(CALLS)) {
        const script = `my ($user, $name, $space) = ("user", "x", "x" x 200); print syscall(${call}), " ", $!+0`;
        expect(await run(`perl -e '${script}'`), name).toBe(`-1 ${EPERM}`);
      }
      // Families of sockets that no network namespace holds: vsock, the kernel's ciphers, raw frames.
      for (const family of [40, 38, 17]) {
        expect(await run(`perl -e 'print syscall(41, ${family}, 1, 0), " ", $!+0'`)).toBe(
          `-1 ${EAFNOSUPPORT}`,
        );
      }
      expect(await run("grep -h '^Seccomp:' /proc/self/status /proc/1/status /proc/2/status")).toMatch(
        /^(Seccomp:\s+2\n?){3}$/,
      );
    },
  );

  test("no privilege is to be gained", async () => {
    expect(await run("unshare -Ur true 2>&1 || echo refused")).toContain("refused");
    expect(await run("mount -t tmpfs none /tmp 2>&1 || echo refused")).toContain("refused");
    expect(await run("chroot / true 2>&1 || echo refused")).toContain("refused");
    // A copy of a shell that would be root's, if its mode meant anything in here.
    expect(await run("cp /bin/dash /tmp/sh && chmod 6755 /tmp/sh && /tmp/sh -p -c 'id -u'")).toBe("1000");
    expect(
      await run("find / -xdev -perm -4000 -type f -exec {} --version \\; 2>&1 | grep -c uid=0; true"),
    ).toBe("0");
    expect(await run("mknod /tmp/disk b 8 0 2>&1 || echo refused")).toContain("refused");
    expect(await run("ls /dev")).not.toMatch(/\b(sd|vd|nvme|mem|kmsg|kvm|fuse)\w*\b/);
    expect(
      await run("cat /proc/kcore /proc/kmsg 2>/dev/null | head -c 1; echo x > /proc/sysrq-trigger || true"),
    ).toBe("");
    for (const file of ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname"]) {
      expect(await run(`echo x 2>/dev/null > ${file} && echo written || true`)).toBe("");
    }
  });

  test("sockets of the host are out of reach, named, nameless and abstract", async () => {
    const servers: net.Server[] = [];
    const listen = (at: string | { port: number; host: string }) =>
      new Promise<net.Server>((resolve) => {
        const server = net.createServer((socket) => socket.end("reached"));
        servers.push(server);
        server.listen(at as net.ListenOptions, () => resolve(server));
      });
    const name = `studio-hostile-${process.pid}-${host.child.pid}`;
    const socketFile = path.join(path.dirname(data), "server.sock");
    await listen({ path: `\0${name}` } as never);
    await listen({ path: socketFile } as never);
    const tcp = await listen({ port: 0, host: "127.0.0.1" });
    const { port } = tcp.address() as net.AddressInfo;
    const connect = (address: string) =>
      run(
        `python3 -c "import socket,sys\ns=socket.socket(${address.startsWith("(") ? "socket.AF_INET" : "socket.AF_UNIX"})\ntry:\n s.connect(${address}); print(s.recv(9))\nexcept OSError as e: print('refused')"`,
      );
    // From out here each of them answers.
    for (const at of [{ path: `\0${name}` }, { path: socketFile }, { port, host: "127.0.0.1" }]) {
      expect(await new Promise((resolve) => net.connect(at).on("data", (d) => resolve(String(d))))).toBe(
        "reached",
      );
    }
    expect(await connect(`'\\\\0${name}'`)).toBe("refused");
    expect(await connect(`'${socketFile}'`)).toBe("refused");
    expect(await connect(`('127.0.0.1', ${port})`)).toBe("refused");
    for (const server of servers) server.close();
  });

  test("a fork bomb is bounded, and its neighbour goes on", async () => {
    const sandbox = await host.create();
    await sandbox.commands.run("bomb() { bomb | bomb & }; bomb; sleep 2", {
      background: true,
      timeoutMs: 3_000,
    });
    await isWell();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await isWell();
    expect(await sandbox.kill()).toBe(true);
  }, 30_000);

  test("descriptors run out for who opens them, and not for the host", async () => {
    const opened = await run(
      `python3 -c "
import os
fds = []
try:
    while True: fds.append(os.open('/dev/null', 0))
except OSError as e: print(len(fds) <= 65536, e.errno)"`,
    );
    expect(opened).toBe("True 24");
    await isWell();
  });

  test("1 GB of output that nobody reads, and 100 MB that somebody reads slowly, leave the host's memory alone", async () => {
    const before = residentMb();
    const flood = await hostile.commands.run("head -c 1000000000 /dev/zero; touch /workspace/flooded", {
      background: true,
      timeoutMs: 60_000,
    });
    await flood.disconnect();
    await eventually("it is through", () => hostile.files.exists("/workspace/flooded"), 60_000);
    const slow = await hostile.commands.run("yes | head -c 100000000", {
      background: true,
      timeoutMs: 20_000,
      onStdout: () => new Promise((resolve) => setTimeout(resolve, 20)),
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await isWell();
    expect(residentMb() - before).toBeLessThan(150);
    await slow.kill();
    await slow.disconnect();
  }, 90_000);

  test("an upload that unpacks to more than it may have is cut off, and memory stays", async () => {
    const sandbox = await host.create();
    const bomb = gzipSync(Buffer.alloc(400_000_000));
    expect(bomb.length).toBeLessThan(1_000_000);
    const info = await fetch(`${host.url}/sandboxes/${sandbox.sandboxId}`, {
      headers: { "x-api-key": host.sdk.apiKey ?? "" },
    });
    const { envdAccessToken } = (await info.json()) as { envdAccessToken: string };
    const before = residentMb();
    const response = await host.fetchPort(sandbox, 49_983, "/files?path=/workspace/bomb", {
      method: "POST",
      headers: {
        "content-type": "application/octet-stream",
        "content-encoding": "gzip",
        "x-access-token": envdAccessToken,
      },
      body: bomb,
    });
    // Stored is as much as one file may hold, unless the sandbox was ended for it first.
    expect([502, 507]).toContain(response.status);
    expect(residentMb() - before).toBeLessThan(100);
    await isWell();
    await sandbox.kill();
  }, 60_000);

  test("an envd that has been stopped answers nobody, and can still be ended", async () => {
    const sandbox = await host.create();
    await sandbox.commands.run("sleep 0.2; kill -STOP 2", { background: true });
    await eventually("it is silent", async () => {
      const answer = await sandbox.files
        .exists("/workspace", { requestTimeoutMs: 500 })
        .catch(() => "silent");
      return answer === "silent";
    });
    await isWell();
    expect(await sandbox.kill()).toBe(true);
  }, 30_000);

  test("uploads to pipes do not wait for a reader", async () => {
    await run("mkfifo ~/pipe");
    for (let i = 0; i < 6; i++) {
      await expect(hostile.files.write("pipe", "x")).rejects.toThrow(/not a file/);
      await expect(hostile.files.read("pipe")).rejects.toThrow(/not a regular file/);
    }
    expect((await hostile.files.list("/")).map((entry) => entry.name)).toContain("usr");
  });
});
