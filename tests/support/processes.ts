import fs from "node:fs";

/** Every process whose command line contains `text`. */
export function processesWith(text: string): { pid: number; command: string }[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return command.includes(text) && Number(name) !== process.pid ? [{ pid: Number(name), command }] : [];
      } catch {
        // It ended while the list was read.
        return [];
      }
    });
}

/** A process's ancestors, nearest first. */
function ancestors(pid: number): number[] {
  const found: number[] = [];
  for (let at = pid; at > 1;) {
    let stat: string;
    try {
      stat = fs.readFileSync(`/proc/${at}/stat`, "utf8");
    } catch {
      break;
    }
    at = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    found.push(at);
  }
  return found;
}

/** Processes below `root` whose command line contains `text`. */
export function descendantsWith(root: number, text: string): number[] {
  return processesWith(text)
    .filter(({ pid }) => ancestors(pid).includes(root))
    .map(({ pid }) => pid);
}

/** Kills processes; those that have ended already are passed over. */
export function killAll(pids: number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}
