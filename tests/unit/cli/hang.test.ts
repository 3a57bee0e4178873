import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Patience, processOf, untilHung } from "#cli/up/hang.ts";
import { until } from "#net/retry.ts";
import { Supervisor } from "#cli/up/supervisor.ts";

const QUICK: Patience = { everyMs: 20, deadlineMs: 100, misses: 3, busyMs: 3_000 };
let folder: string;
const ends: (() => void | Promise<void>)[] = [];
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-hang-"));
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** A process that sleeps, or computes. */
function run(code: string): number {
  const child = spawn(process.execPath, ["-e", code], { stdio: "ignore" });
  ends.push(() => void child.kill("SIGKILL"));
  return child.pid ?? 0;
}
const SLEEPS = "setInterval(() => {}, 1000)";
const COMPUTES = "for (;;);";
const silent = async (deadlineMs: number) => {
  await new Promise((resolve) => setTimeout(resolve, deadlineMs));
  return false;
};
const isComputing = async (pid: number) =>
  await until("work", () => (processOf(pid)?.ticks ?? 0) > 20, { timeoutMs: 20_000, everyMs: 20 });

describe("SEC-14: a process hangs", () => {
  test("where it responds to nothing and has nothing to do, or is stopped", async () => {
    const idle = run(SLEEPS);
    await until("its sleep", () => processOf(idle)?.state === "S", { timeoutMs: 20_000, everyMs: 20 });
    const { signal } = new AbortController();
    expect(await untilHung(idle, silent, { signal, patience: { ...QUICK, busyMs: 0 } })).toBe(true);
    const stopped = run(COMPUTES);
    await isComputing(stopped);
    process.kill(stopped, "SIGSTOP");
    await until("the stop", () => processOf(stopped)?.state === "T", { timeoutMs: 5_000, everyMs: 20 });
    expect(await untilHung(stopped, silent, { signal, patience: QUICK })).toBe(true);
  });

  test("not where it computes, until that has lasted too long", async () => {
    const pid = run(COMPUTES);
    await isComputing(pid);
    const startedAt = performance.now();
    let looks = 0;
    const look = async (deadlineMs: number) => {
      looks += 1;
      return await silent(deadlineMs);
    };
    expect(await untilHung(pid, look, { signal: new AbortController().signal, patience: QUICK })).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThan(QUICK.busyMs);
    expect(looks).toBeGreaterThan(QUICK.misses);
  });

  test("not by single misses, nor where this process itself was held up, as by a machine that slept", async () => {
    const pid = run(SLEEPS);
    const over = new AbortController();
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks === 12) over.abort();
      // Two misses in a row, again and again; then each look ends far too late.
      if (looks <= 6) return looks % 3 === 0;
      await new Promise((resolve) => setTimeout(resolve, 650));
      return false;
    };
    expect(await untilHung(pid, look, { signal: over.signal, patience: QUICK })).toBe(false);
    expect(looks).toBe(12);
  });
});

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("SEC-14: a service that is stopped (SIGSTOP) is replaced within 15 s", async () => {
  const lines: string[] = [];
  const supervisor = new Supervisor({ root: process.cwd(), logs: folder, say: (line) => lines.push(line) });
  ends.push(async () => await supervisor.stop());
  const port = await freePort();
  const script = path.join(folder, "service.mjs");
  fs.writeFileSync(
    script,
    `import http from "node:http"; http.createServer((_q, s) => s.end(String(process.pid))).listen(${port}, "127.0.0.1");`,
  );
  const readyUrl = `http://127.0.0.1:${port}/`;
  await supervisor.start({ name: "service", args: [script], env: {}, readyUrl, readyMs: 30_000 });
  const pidNow = async () => {
    const response = await fetch(readyUrl, { signal: AbortSignal.timeout(500) });
    return Number(await response.text());
  };
  // The second round shows that the one in its place is watched as well.
  for (let round = 1; round <= 2; round += 1) {
    const stopped = await pidNow();
    process.kill(stopped, "SIGSTOP");
    const another = async () => {
      const pid = await pidNow().catch(() => stopped);
      return pid !== stopped;
    };
    await until("the replacement", another, { timeoutMs: 15_000, everyMs: 50 });
    await until("its line", () => lines.filter((line) => line.includes("is back")).length === round, {
      timeoutMs: 5_000,
      everyMs: 50,
    });
    expect(processOf(stopped)).toBeNull();
  }
  expect(lines[0]).toBe("service hangs: it responds to nothing. Ending it.");
}, 60_000);
