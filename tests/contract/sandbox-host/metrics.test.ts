import path from "node:path";
import type { SandboxMetrics } from "e2b";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, HostProcess, temporaryFolder } from "./host-process.ts";

const MB = 2 ** 20;
const temporary = temporaryFolder();
let host: HostProcess;

beforeAll(async () => {
  host = await HostProcess.start(path.join(temporary.folder, "data"), [
    "--memory-mb=512",
    "--cpus=1",
    "--disk-mb=200",
    "--processes=300",
  ]);
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

test("metrics are those of the sandbox's own work", async () => {
  const [busy, idle] = await Promise.all([host.create(), host.create()]);
  const began = new Date();
  await busy.commands.run(
    "head -c 60000000 /dev/zero > /tmp/held; head -c 50000000 /dev/zero > /workspace/kept; timeout 120 sh -c 'while :; do :; done'",
    { background: true, timeoutMs: 0 },
  );
  let last: SandboxMetrics | undefined;
  const isSeen = (m: SandboxMetrics) =>
    m.cpuUsedPct > 5 && m.memUsed > 60 * 1e6 && m.diskUsed > 50 * 1e6 && m.memUsed < 512 * MB;
  await eventually(
    "a sample shows processor, memory and disk in use",
    async () => {
      last = (await busy.getMetrics()).at(-1);
      return last !== undefined && isSeen(last);
    },
    90_000,
  );
  expect(last).toMatchObject({ cpuCount: 1, memTotal: 512 * MB, diskTotal: 200 * MB });
  let quiet: SandboxMetrics | undefined;
  await eventually("the idle one is sampled too", async () => {
    quiet = (await idle.getMetrics()).at(-1);
    return quiet !== undefined;
  });
  expect(quiet?.diskUsed).toBeLessThan(MB);
  expect(quiet?.memUsed).toBeLessThan(60 * 1e6);
  const before = await busy.getMetrics({ start: new Date(0), end: new Date(began.getTime() - 60_000) });
  expect(before).toEqual([]);
  // The range is in whole seconds: one that has just begun has none yet.
  await eventually(
    "its time has samples",
    async () => (await busy.getMetrics({ start: began, end: new Date() })).length > 0,
  );
  await Promise.all([busy.kill(), idle.kill()]);
}, 150_000);

test("the info call says what holds each limit", async () => {
  const sandbox = await host.create();
  const response = await fetch(`${host.url}/sandboxes/${sandbox.sandboxId}`, {
    headers: { "x-api-key": host.sdk.apiKey ?? "" },
  });
  const { isolation } = (await response.json()) as {
    isolation: { limits: Record<string, { value: number; heldBy: string }> };
  };
  expect(isolation).toMatchObject({ adapter: "bubblewrap", active: true });
  expect(isolation.limits).toMatchObject({
    memoryMb: { value: 512 },
    cpus: { value: 1 },
    processes: { value: 300 },
    diskMb: { value: 200, heldBy: "polling" },
  });
  // Whatever is said to hold must hold; how many fit is seen by trying.
  const { stdout } = await sandbox.commands.run(
    "/bin/sh -c 'for i in $(seq 400); do sleep 20 & done' 2>/dev/null; pgrep -c sleep; pkill sleep",
  );
  const isBounded = isolation.limits["processes"]?.heldBy !== "none";
  if (isBounded) expect(Number(stdout)).toBeLessThan(300);
  else expect(Number(stdout)).toBe(400);
  await sandbox.kill();
});

test("a sandbox that fills the disk is ended, and its neighbour goes on", async () => {
  const [filler, neighbour] = await Promise.all([host.create(), host.create()]);
  // One file cannot even get that big.
  const single = await filler.commands.run(
    "head -c 300000000 /dev/zero > /workspace/big; echo $?; rm /workspace/big",
  );
  expect(single.stdout.trim()).not.toBe("0");
  await filler.commands.run("for i in 1 2 3; do head -c 80000000 /dev/zero > /workspace/part$i; done", {
    background: true,
  });
  await eventually("it is gone", async () => !(await filler.isRunning()), 30_000);
  expect(host.stderr).toMatch(/MB on disk, and may have 200/);
  expect((await neighbour.commands.run("echo well")).stdout).toBe("well\n");
  await neighbour.kill();
}, 60_000);
