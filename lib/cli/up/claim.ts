import fs from "node:fs";
import path from "node:path";
import { StartFailure, type UpOptions } from "./options.ts";

/** Files that every folder of Studio's data has from its first moment on, one or the other. */
const MARKS = ["studio.pid", "secrets.json"];

/** A process's start, in clock ticks since the machine's: with it a number that is used again is not taken for the old one. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): the name, in parentheses, may hold anything; the start is field 22, the state behind the name field 3.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended: in a container whose first process waits for nobody it stays for good.
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function ownerOf(data: string): number | undefined {
  let noted: string;
  try {
    noted = fs.readFileSync(path.join(data, "studio.pid"), "utf8");
  } catch {
    return undefined;
  }
  const [pid = "", start] = noted.split(" ");
  return start !== undefined && startOf(Number(pid)) === start ? Number(pid) : undefined;
}

/**
 * Looks whether this start may have the data folder; changes nothing.
 * @throws StartFailure where a Studio runs on it, or where `--reset` would remove what is not Studio's
 */
export function checkData({ data, reset }: UpOptions): void {
  const owner = ownerOf(data);
  if (owner !== undefined)
    throw new StartFailure(
      `it runs already on ${data} (process ${owner}). End that one, or choose another folder with --data.`,
    );
  if (!fs.existsSync(data)) return;
  if (!fs.statSync(data).isDirectory())
    throw new StartFailure(`${data} is no folder. Choose one with --data.`);
  const names = fs.readdirSync(data);
  if (reset && names.length > 0 && !names.some((name) => MARKS.includes(name)))
    throw new StartFailure(
      `${data} holds files that are not Studio's, so --reset does not remove them. Choose another folder with --data.`,
    );
}

/**
 * Takes the data folder, one Studio each: two would write over each other. Deletes what is in it first where asked.
 * @returns the file that says so, to be removed at the end
 * @throws StartFailure as `checkData` does, and where another start was quicker
 */
export function claimData(options: UpOptions): string {
  checkData(options);
  const { data, reset } = options;
  fs.mkdirSync(data, { recursive: true, mode: 0o700 });
  const file = path.join(data, "studio.pid");
  fs.rmSync(file, { force: true });
  try {
    fs.writeFileSync(file, `${process.pid} ${startOf(process.pid)}`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new StartFailure(`another start has just taken ${data}.`);
  }
  if (reset)
    for (const name of fs.readdirSync(data))
      if (name !== "studio.pid") fs.rmSync(path.join(data, name), { recursive: true, force: true });
  return file;
}
