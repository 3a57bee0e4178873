import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, HostProcess, temporaryFolder } from "./host-process.ts";

/** How many sandboxes come and go: a few in every run, and as many as SANDBOX_CHURN says in a long one. */
const CHURN = Number(process.env["SANDBOX_CHURN"] ?? 40);
const AT_ONCE = 4;

const temporary = temporaryFolder();
const data = path.join(temporary.folder, "data");
/** By which a host tells its cgroups from those of others on the machine. */
const tag = createHash("sha256").update(data).digest("hex").slice(0, 8);
let host: HostProcess;

beforeAll(async () => {
  host = await HostProcess.start(data);
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

/** Everything that a sandbox takes and has to give back. */
function holdings(): Record<string, number> {
  const proc = `/proc/${host.child.pid}`;
  const cgroups = fs.existsSync("/sys/fs/cgroup")
    ? fs.readdirSync("/sys/fs/cgroup", { recursive: true, encoding: "utf8" })
    : [];
  return {
    descriptors: fs.readdirSync(`${proc}/fd`).length,
    children: fs
      .readdirSync(`${proc}/task`)
      .map(
        (task) => fs.readFileSync(`${proc}/task/${task}/children`, "utf8").split(" ").filter(Boolean).length,
      )
      .reduce((sum, n) => sum + n, 0),
    mounts: fs.readFileSync(`${proc}/mountinfo`, "utf8").split("\n").length,
    cgroups: cgroups.filter((name) => name.split("/").pop()?.startsWith(`sandbox-${tag}-`)).length,
    folders:
      fs.readdirSync(path.join(data, "sandboxes")).length + fs.readdirSync(path.join(data, "trash")).length,
  };
}

const residentMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${host.child.pid}/status`, "utf8"))?.[1]) / 1024;

async function liveOnce(): Promise<void> {
  const sandbox = await host.create();
  expect((await sandbox.commands.run("echo x > /workspace/x; cat /workspace/x")).stdout).toBe("x\n");
  expect(await sandbox.kill()).toBe(true);
}

test(
  `${CHURN} sandboxes come and go, and nothing of them stays`,
  async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, liveOnce));
    // One waits for the next caller, as long as the host lives.
    await host.untilReady();
    await eventually("the first are gone", () => holdings()["folders"] === 1);
    const before = holdings();
    const memory = residentMb();
    for (let done = 0; done < CHURN; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, liveOnce));
    }
    let after = holdings();
    await eventually(
      "everything has been given back",
      () => {
        after = holdings();
        return Object.keys(before).every(
          (what) => (after[what] ?? 0) <= (before[what] ?? 0) + (what === "descriptors" ? 4 : 0),
        );
      },
      15_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify({ before, after })}`);
    });
    // A heap that is not full is not collected; what leaks by the sandbox would show in a long run.
    expect(residentMb() - memory).toBeLessThan(100);
    console.log(
      `after ${CHURN} sandboxes: ${JSON.stringify(after)}, memory ${Math.round(memory)} → ${Math.round(residentMb())} MB`,
    );
  },
  60_000 + CHURN * 1_000,
);

test("20 sandboxes at once all answer, while four of them keep the processors busy", async () => {
  const sandboxes = await Promise.all(Array.from({ length: 20 }, () => host.create()));
  for (const sandbox of sandboxes.slice(0, 4)) {
    await sandbox.commands.run("timeout 30 sh -c 'while :; do :; done'", { background: true, timeoutMs: 0 });
  }
  const answers = await Promise.all(
    sandboxes.map((sandbox, i) => sandbox.commands.run(`echo ${i}`, { timeoutMs: 20_000 })),
  );
  expect(answers.map((answer) => answer.stdout.trim())).toEqual(sandboxes.map((_, i) => String(i)));
  await Promise.all(sandboxes.map((sandbox) => sandbox.kill()));
}, 60_000);
