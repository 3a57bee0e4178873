import fs from "node:fs";

/** O_CLOEXEC in the octal flags of /proc/self/fdinfo (proc(5)). */
const CLOSE_ON_EXEC = 0o2000000;
const STDERR_FD = 2;

/**
 * Closes the descriptors that whoever started this process left open in it. They would pass on into every
 * sandbox, whatever they lead to; Node's own are closed on exec.
 */
export function closeInherited(): void {
  for (const name of fs.readdirSync("/proc/self/fd")) {
    const fd = Number(name);
    if (fd <= STDERR_FD) continue;
    const info = `/proc/self/fdinfo/${fd}`;
    // The descriptor that listed the folder is gone by now.
    if (!fs.existsSync(info)) continue;
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(fs.readFileSync(info, "utf8"))?.[1] ?? "", 8);
    if ((flags & CLOSE_ON_EXEC) === 0) fs.closeSync(fd);
  }
}
