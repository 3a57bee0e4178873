import fs from "node:fs";
import type { Api } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import type { Stack } from "#tests/stack.ts";
import type { Figure } from "./figures.ts";

const SETTLE_MS = 3_000;
const SESSIONS = 3;
const AIM_MB = 700;

const namespaceOf = (pid: number | "self") => fs.readlinkSync(`/proc/${pid}/ns/pid`);

/** Resident memory in MB; 0 for a process of a sandbox, or one that has just ended. */
function residentMb(pid: number): number {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
    if (/^Name:\s+bwrap$/m.test(status) || namespaceOf(pid) !== namespaceOf("self")) return 0;
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

function serversMb(stack: Stack): { total: number; parts: string } {
  const parts = Object.entries(stack.pids()).map(([name, pid]) => ({
    name,
    mb: [pid, ...descendantsWith(pid, "")].reduce((sum, one) => sum + residentMb(one), 0),
  }));
  return {
    total: parts.reduce((sum, { mb }) => sum + mb, 0),
    parts: parts.map(({ name, mb }) => `${name} ${mb.toFixed(0)}`).join(", "),
  };
}

const settle = async () => await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

/** Memory of the four services with what they start themselves, sandboxes left out; measured before anything else runs. */
export async function memory(stack: Stack, api: Api): Promise<Figure[]> {
  await settle();
  const idle = serversMb(stack);
  const sessions: string[] = [];
  for (let made = 0; made < SESSIONS; made++) sessions.push((await api.createSession()).id);
  for (const id of sessions) await api.finish(await api.send(id, "create a file a.txt containing one"));
  await settle();
  const busy = serversMb(stack);
  for (const id of sessions) await api.stop(id);
  return [
    { name: "server processes, idle", unit: "MB", measured: idle.total, aim: AIM_MB, note: idle.parts },
    {
      name: `server processes, ${SESSIONS} sessions`,
      unit: "MB",
      measured: busy.total,
      aim: AIM_MB,
      note: busy.parts,
    },
  ];
}
