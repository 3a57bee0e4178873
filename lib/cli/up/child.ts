import { type ChildProcess, spawn, spawnSync } from "node:child_process";

let setpriv: boolean | undefined;

/**
 * Starts this Node on `args` in a process group of its own. Ctrl-C reaches this process alone, which ends the child
 * in order; and where this process is killed, the kernel ends the child (prctl(2), PDEATHSIG).
 * @param options.output where both its streams go: a file, or this process by pipes
 */
export function startNode(
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; output: "pipe" | number },
): ChildProcess {
  setpriv ??= spawnSync("setpriv", ["--version"]).status === 0;
  const command = [process.execPath, ...args];
  const [file = "", ...rest] = setpriv ? ["setpriv", "--pdeathsig", "SIGTERM", ...command] : command;
  const { cwd, env, output } = options;
  return spawn(file, rest, { cwd, env, stdio: ["ignore", output, output], detached: true });
}

/** Signals a child and all that it has started. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the group has ended already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
