import { until } from "../../net/retry.ts";
import type { Group } from "./cgroups.ts";
import { isStopped, treeOf } from "./tree.ts";

const DEADLINE_MS = 5_000;
const LOOK_MS = 5;

const WAIT = { timeoutMs: DEADLINE_MS, everyMs: LOOK_MS };

function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Stops a whole tree. It may go on forking while it is being stopped, so it is gone through until none runs. */
async function stopTree(root: number): Promise<() => void> {
  const stopped = new Set<number>();
  const goOn = () => {
    for (const pid of stopped) signal(pid, "SIGCONT");
  };
  try {
    await until(
      "the stop of its processes",
      () => {
        const running = treeOf(root).filter((pid) => pid !== root && !isStopped(pid));
        for (const pid of running) {
          stopped.add(pid);
          signal(pid, "SIGSTOP");
        }
        return running.length === 0;
      },
      WAIT,
    );
  } catch (error) {
    goOn();
    throw error;
  }
  return goOn;
}

/**
 * Stops every process by the freezer; false if there is none.
 * @throws if they do not stop in time; they go on then
 */
export async function freezeAll(group: Group): Promise<boolean> {
  if (!group.freeze(true)) return false;
  try {
    await until("the freezing of its cgroup", () => group.isFrozen(), WAIT);
  } catch (error) {
    group.freeze(false);
    throw error;
  }
  return true;
}

/**
 * Stops every process of a sandbox, by the freezer or else by signals, and returns what lets them go on. While
 * all stand still, what reads its files cannot be led astray by links that change.
 * `root` is the host pid of bubblewrap, which stays outside.
 * @throws if they cannot all be stopped in time; they go on then
 */
export async function holdStill(group: Group, root: number): Promise<() => void> {
  return (await freezeAll(group)) ? () => void group.freeze(false) : stopTree(root);
}
