import fs from "node:fs";
import path from "node:path";
import type { Sandbox } from "e2b";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testWithCgroups } from "#tests/test-where.ts";
import { HostProcess, processesWith, temporaryFolder } from "./host-process.ts";

const temporary = temporaryFolder();
const secret = path.join(temporary.folder, "secret.txt");
let host: HostProcess;
let sandbox: Sandbox;
let neighbour: Sandbox;

beforeAll(async () => {
  fs.writeFileSync(secret, "of the host");
  host = await HostProcess.start(path.join(temporary.folder, "data"));
  [sandbox, neighbour] = await Promise.all([host.create(), host.create()]);
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

const run = async (command: string): Promise<string> => (await sandbox.commands.run(command)).stdout.trim();

test("the host's files are not there", async () => {
  for (const file of [
    secret,
    temporary.folder,
    process.cwd(),
    "/sys",
    "/boot",
    "/mnt",
    "/etc/shadow",
    "/etc/machine-id",
  ]) {
    expect(await run(`ls -d ${file} 2>/dev/null || echo none`), file).toBe("none");
  }
  expect(await run("cat /etc/passwd | cut -d: -f1")).toBe("root\nuser\nnobody");
  expect(await run("hostname; cat /etc/hostname")).toBe("sandbox\nsandbox");
});

test("the system is read-only", async () => {
  for (const folder of ["/usr/bin", "/usr/lib", "/usr/local/bin", "/etc/ssl/certs"]) {
    expect(await run(`touch ${folder}/x 2>&1 || true`), folder).toMatch(
      /Read-only file system|Permission denied/,
    );
  }
  for (const file of ["/envd/envd.cjs", "/envd/node", "/envd/more", "/etc/hosts", "/etc/more"]) {
    expect(await run(`echo x 2>/dev/null > ${file} || echo refused`), file).toBe("refused");
  }
});

test("only its own processes are seen, and their command lines tell no host path", async () => {
  const mark = `sleep 61${process.pid}`;
  await neighbour.commands.run(mark, { background: true, timeoutMs: 0 });
  await expect.poll(() => processesWith(mark)).not.toEqual([]);
  const lines = await run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
  expect(lines).not.toContain("sleep 61");
  expect(lines).not.toContain(temporary.folder);
  expect(lines).not.toContain("main.ts");
  expect(await run("tr '\\0' '\\n' < /proc/1/environ 2>/dev/null | grep -v '^$' | wc -l")).toBe("0");
});

test("sandboxes do not see each other's files, and the outside sees them under a uid of their own", async () => {
  await neighbour.files.write("/workspace/mine", "x");
  await neighbour.files.write("/tmp/mine", "x");
  expect(await run("ls /workspace/mine /tmp/mine 2>/dev/null || echo none")).toBe("none");
  const folders = fs.readdirSync(path.join(temporary.folder, "data", "sandboxes"));
  const owners = folders.map(
    (id) => fs.statSync(path.join(temporary.folder, "data", "sandboxes", id, "workspace")).uid,
  );
  if (process.getuid?.() === 0) {
    expect(new Set(owners).size).toBe(owners.length);
    expect(owners).not.toContain(0);
    expect(owners).not.toContain(1000);
  } else {
    expect(new Set(owners)).toEqual(new Set([process.getuid?.()]));
  }
});

test("no capability, no privilege to gain, no further namespace, no device", async () => {
  const status = await run("grep -E '^(Cap|NoNewPrivs|Uid|Gid|Groups)' /proc/self/status");
  expect(status.match(/^Cap\w+:\s+0{16}$/gm)).toHaveLength(5);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  expect(status).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
  // An ordinary user's host can't take its own group away from what it starts.
  expect(status).toMatch(process.getuid?.() === 0 ? /^Groups:\s*$/m : /^Groups:\s*(1000|65534)?\s*$/m);
  expect(await run("unshare --user --map-root-user true 2>&1 || true")).toMatch(
    /No space left|not permitted/,
  );
  expect(await run("unshare --net true 2>&1 || true")).toMatch(/not permitted/);
  expect(await run("mount -t tmpfs none /tmp 2>&1 || true")).toMatch(
    /superuser|permission denied|not permitted/i,
  );
  expect(await run("mknod /tmp/sda b 8 0 2>&1 || true")).toMatch(/not permitted/);
  expect(await run("find /dev -type b | wc -l")).toBe("0");
});

test("no socket leads out: none has a name, and commands inherit none", async () => {
  expect(await run("find / -xdev -type s 2>/dev/null | wc -l")).toBe("0");
  expect(await run("find /home /workspace /tmp /run /root -type s 2>/dev/null | wc -l")).toBe("0");
  // 0 to 2, and the one that lists them.
  expect(await run("ls /proc/self/fd | tr '\\n' ' '")).toBe("0 1 2 3");
});

test("more processes than its limit are refused, and the neighbour goes on", async () => {
  const bomb = await sandbox.commands.run(
    // dash gives up at the first fork that is refused, where bash would wait and try again.
    `/bin/sh -c 'for i in $(seq 1500); do sleep 20 & done'; echo exit $?; pgrep -c sleep; pkill sleep`,
    { timeoutMs: 60_000 },
  );
  expect(bomb.stderr).toMatch(/Cannot fork/);
  expect(bomb.stdout).toMatch(/^exit 2\n/);
  expect((await neighbour.commands.run("echo well")).stdout).toBe("well\n");
}, 120_000);

testWithCgroups(
  "a memory hog is ended within its sandbox",
  async () => {
    const hog = await host.create();
    const result = await hog.commands
      .run("head -c 3000000000 /dev/zero | tail -c 3000000000 > /dev/null; echo ${PIPESTATUS[1]}", {
        timeoutMs: 30_000,
      })
      .then((r) => r.stdout.trim())
      .catch((error: unknown) => String(error));
    expect(result).not.toBe("0");
    expect((await neighbour.commands.run("echo well")).stdout).toBe("well\n");
    await hog.kill();
  },
  60_000,
);

test("killing envd from inside ends that sandbox alone", async () => {
  const victim = await host.create();
  await victim.commands.run("kill -9 2", { background: true }).catch(() => undefined);
  await expect.poll(() => victim.isRunning(), { timeout: 5_000 }).toBe(false);
  expect(await neighbour.isRunning()).toBe(true);
});

test("SPEC-1: envd, which holds the sandbox's secrets, is closed to what runs beside it", async () => {
  const looked = await run(
    "for p in /proc/[0-9]*; do case \"$(tr '\\0' ' ' < $p/cmdline)\" in /envd/node*) " +
      "for f in mem environ maps; do (: < $p/$f) 2>/dev/null && echo open $p/$f; done; echo looked;; esac; done",
  );
  expect(looked).toBe("looked");
});
