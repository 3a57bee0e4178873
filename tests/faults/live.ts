import fs from "node:fs";
import { parseArgs } from "node:util";
import { percentile } from "../bench/figures.ts";
import { Api, until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { Stack } from "#tests/stack.ts";

/**
 * `npm run test:live -- --sandboxes 10`: so many sandboxes at once, made together, each with a turn that writes and
 * runs something, and ended together. How long each takes, how much memory all take, and whether anything is left.
 */
const { values } = parseArgs({ options: { sandboxes: { type: "string", default: "10" } } });
const count = Number(values.sandboxes);
if (!(count >= 1)) {
  console.error("Usage: npm run test:live -- --sandboxes <1 or more>");
  process.exit(2);
}

const SCRIPT =
  "```demo\nwrite a.txt <<EOF\none\nEOF\nrun cat a.txt && echo two\nstream 200\nsay the end\n```";
const RUN_MS = 240_000;

function memoryMb(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      return sum + Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
    } catch {
      // It ended while it was looked at.
      return sum;
    }
  }, 0);
}

const stack = await Stack.start();
const api = Api.withKey(stack.url, stack.credentials.apiKey);
let failed = 0;
try {
  await api.call("PUT", "/api/v1/settings/max_live_sessions", { value: 200 });
  const inSandboxes = () => descendantsWith(stack.pids().sandboxes ?? 0, "");
  const readyMs: number[] = [];
  const turnMs: number[] = [];
  const sessions = await Promise.all(
    Array.from({ length: count }, async () => {
      const started = performance.now();
      const { id } = await api.createSession(false);
      const session = await until(
        "a session that is ready",
        async () => {
          const now = await api.session(id);
          return now.status === "provisioning" ? null : now;
        },
        RUN_MS,
      );
      readyMs.push(performance.now() - started);
      if (session.status === "error") console.log(`not made: ${session.errorMessage}`);
      return session;
    }),
  );
  const idleMb = memoryMb(inSandboxes());
  const runs = await Promise.all(
    sessions.map(async (session) => {
      if (session.status === "error") return "not made";
      const started = performance.now();
      const runId = await api.send(session.id, SCRIPT);
      const run = await until(
        "the end of a run",
        async () => {
          const { body } = await api.call<{ approvals: { approval_key: string }[] }>(
            "GET",
            `/api/v1/runs/${runId}/approvals/pending`,
          );
          for (const { approval_key } of body.approvals) await api.decide(runId, approval_key, "approved");
          const now = await api.run(runId);
          return now.status === "running" || now.status === "pending" ? null : now;
        },
        RUN_MS,
      );
      turnMs.push(performance.now() - started);
      return run.status;
    }),
  );
  const busyMb = memoryMb(inSandboxes());
  failed = runs.filter((status) => status !== "completed").length;
  const stopping = performance.now();
  await Promise.all(sessions.map(async ({ id }) => await api.stop(id)));
  await until("the end of all sandboxes", async () => (await stack.sandboxes()).length === 0);
  const stopMs = performance.now() - stopping;
  const left = descendantsWith(stack.pids().sandboxes ?? 0, "opencode").length;
  const seconds = (ms: number) => (ms / 1_000).toFixed(1);
  console.log(`${count} sandboxes at once: ${count - failed} turns completed`);
  console.log(`ready: p50 ${seconds(percentile(readyMs, 0.5))} s, last ${seconds(Math.max(...readyMs))} s`);
  console.log(`a turn: p50 ${seconds(percentile(turnMs, 0.5))} s, last ${seconds(Math.max(...turnMs))} s`);
  console.log(
    `memory of all sandboxes (PSS): ${idleMb.toFixed(0)} MB ready, ${busyMb.toFixed(0)} MB after a turn`,
  );
  console.log(`ended in ${seconds(stopMs)} s, ${left} processes left`);
  if (left > 0) failed += 1;
} finally {
  await stack.stop();
}
process.exitCode = failed === 0 ? 0 : 1;
