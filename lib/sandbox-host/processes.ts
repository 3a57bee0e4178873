import fs from "node:fs";

/**
 * When a process started, in clock ticks since boot: with its pid it names one process for good. Undefined if
 * there is none, or only a zombie, which has ended and waits for its parent to notice. From field 22 of
 * /proc/pid/stat, counted after the command's closing parenthesis (proc(5)).
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined;
    throw error;
  }
}

/** A process told apart from any later one with the same pid. */
export interface ProcessMark {
  pid: number;
  startTime: string | undefined;
}

export const markOf = (pid: number): ProcessMark => ({ pid, startTime: startTimeOf(pid) });

export function isAlive({ pid, startTime }: ProcessMark): boolean {
  return startTime !== undefined && startTimeOf(pid) === startTime;
}
