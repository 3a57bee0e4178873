/** `node processes.mjs list` prints what commands have left running and what runs in terminals, as JSON; `… end <pid>` ends one of it. */
import { endLeft, leftRunning, withCpu } from "./command-processes.ts";

const MAX_LISTED = 100;

const [, , act, pid] = process.argv;
if (act === "list") {
  const all = leftRunning();
  process.stdout.write(
    JSON.stringify({
      processes: await withCpu(all.slice(0, MAX_LISTED)),
      truncated: all.length > MAX_LISTED,
    }),
  );
} else if (act === "end" && pid !== undefined && /^\d+$/.test(pid)) {
  const found = leftRunning().find((one) => one.pid === Number(pid));
  const ended = found ? await endLeft(found.pid) : true;
  process.stdout.write(JSON.stringify({ found: found ?? null, ended }));
} else process.exit(2);
