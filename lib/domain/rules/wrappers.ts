/** Commands that run another command, which their words name: what they run is judged, not they alone. Pure. */
import type { Word } from "./pattern.ts";

interface Wrapper {
  /** Options that take the next word as their value. */
  valued?: readonly string[];
  /** Options without one. */
  plain?: readonly string[];
  /** Words before the command, such as a duration. */
  operands?: number;
  /** True where a rule for the command alone does not cover it with this in front. */
  changes?: boolean;
  /** True where assignments may stand before the command. */
  assigns?: boolean;
}

/** Easy to add to. What has an option that is not here is not understood, and asks. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  nohup: {},
  setsid: { plain: ["-c", "-f", "-w", "--ctty", "--fork", "--wait"] },
  nice: { valued: ["-n", "--adjustment"] },
  ionice: { valued: ["-c", "-n", "--class", "--classdata"], plain: ["-t"] },
  stdbuf: { valued: ["-i", "-o", "-e", "--input", "--output", "--error"] },
  timeout: {
    valued: ["-k", "-s", "--kill-after", "--signal"],
    plain: ["-f", "-p", "-v", "--foreground", "--preserve-status", "--verbose"],
    operands: 1,
  },
  time: { plain: ["-p", "-v"] },
  command: { plain: ["-p"] },
  builtin: {},
  exec: { plain: ["-c", "-l"], changes: true },
  env: {
    valued: ["-u", "--unset", "-C", "--chdir"],
    plain: ["-i", "-", "--ignore-environment", "-0", "--null"],
    assigns: true,
  },
  sudo: {
    valued: ["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-D", "-R", "--user", "--group", "--chdir"],
    plain: ["-E", "-H", "-n", "-S", "-k", "-K", "-b", "-i", "-s", "-A", "--preserve-env"],
    assigns: true,
    changes: true,
  },
  doas: { valued: ["-u", "-C"], plain: ["-n", "-s"], changes: true },
  busybox: { changes: true },
  toybox: { changes: true },
};

export const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=/;

/** The last part of a path: `git` of `/usr/bin/git`. */
export const baseOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** What a wrapper runs: from which word on, and whether a rule for that alone covers it. */
interface Wrapped {
  from: number;
  isTransparent: boolean;
}

/** `unknown`: it runs something, and its words don't say what. */
export function wrappedAt(words: readonly Word[], at: number): Wrapped | "unknown" | null {
  const name = baseOf(words[at]?.value ?? "");
  const spec = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (!spec) return null;
  if (name === "command" && /^-[pvV]*[vV]/.test(words[at + 1]?.value ?? "")) return null;
  let isTransparent = spec.changes !== true && words[at]?.value === name;
  let next = at + 1;
  for (let word = words[next]; word !== undefined; word = words[next]) {
    if (word.isDynamic) return "unknown";
    const { value } = word;
    if (value === "--") {
      next += 1;
      break;
    }
    if (spec.assigns === true && ASSIGNMENT.test(value)) isTransparent = false;
    else if (!value.startsWith("-")) break;
    else {
      const [option = "", joined] = value.split("=", 2);
      const short = option.slice(0, 2);
      if (spec.valued?.includes(option)) next += joined === undefined ? 1 : 0;
      else if (spec.plain?.includes(option)) next += 0;
      else if (!option.startsWith("--") && option.length > 2 && spec.valued?.includes(short)) next += 0;
      else if (name === "nice" && /^-\d+$/.test(value)) next += 0;
      else return "unknown";
      if (name === "env") isTransparent = false;
    }
    next += 1;
  }
  if (spec.assigns === true)
    while (ASSIGNMENT.test(words[next]?.value ?? "")) {
      isTransparent = false;
      next += 1;
    }
  next += spec.operands ?? 0;
  if (words[next] === undefined) return null;
  // What becomes several words moves the command.
  if (words.slice(at, next).some(({ isSplit }) => isSplit)) return "unknown";
  return { from: next, isTransparent };
}

const SHELLS: ReadonlySet<string> = new Set(["sh", "bash", "dash", "zsh", "ksh", "ash", "rbash"]);

export const isShell = (name: string): boolean => SHELLS.has(baseOf(name));

/**
 * The text that a shell is called to run.
 * @returns `file` where it runs a file that its words name, `unknown` where its words don't say what it runs
 */
export function shellScript(words: readonly Word[]): { script: Word } | "file" | "unknown" {
  let at = 1;
  for (let word = words[at]; word !== undefined; word = words[at]) {
    if (word.isDynamic) return "unknown";
    if (word.value === "-o" && words[at + 1]?.value === "pipefail") at += 2;
    else if (/^-[celux]*c[celux]*$/.test(word.value) || /^-[eux]*c[eux]*o$/.test(word.value)) {
      const script = words[at + 1];
      return script && !word.value.endsWith("o") ? { script } : "unknown";
    } else if (/^-[elux]+$/.test(word.value)) at += 1;
    else if (/^-[eux]*o$/.test(word.value) && words[at + 1]?.value === "pipefail") at += 2;
    else return /^[-+]/.test(word.value) ? "unknown" : "file";
  }
  return "unknown";
}

/** Anything that is only known when it runs. */
export const DYNAMIC: Word = { value: "…", isDynamic: true, known: "", isSplit: true, isQuoted: false };

const XARGS = {
  valued: [
    "-a",
    "-d",
    "-E",
    "-L",
    "-n",
    "-P",
    "-s",
    "--arg-file",
    "--delimiter",
    "--max-args",
    "--max-procs",
  ],
  plain: ["-0", "-r", "-t", "-x", "-p", "--null", "--no-run-if-empty", "--verbose", "--exit"],
};

/** The command that `xargs` runs, with what it adds; `echo` where none is named. */
export function xargsCommand(words: readonly Word[]): Word[] | "unknown" {
  let at = 1;
  let place: string | null = null;
  for (let word = words[at]; word !== undefined; word = words[at]) {
    const { value } = word;
    if (word.isDynamic) return "unknown";
    if (!value.startsWith("-")) break;
    const [option = "", joined] = value.split("=", 2);
    if (value === "--") {
      at += 1;
      break;
    }
    if (value === "-I") {
      place = words[at + 1]?.value ?? "";
      at += 1;
    } else if (/^-I./.test(value)) place = value.slice(2);
    else if (XARGS.valued.includes(option)) at += joined === undefined ? 1 : 0;
    else if (!XARGS.plain.includes(option) && !/^-[dLnPs]\S/.test(value) && !/^-[0rtx]+$/.test(value))
      return "unknown";
    at += 1;
  }
  const inner = words.slice(at);
  if (inner.length === 0) return [];
  if (place === null) return [...inner, DYNAMIC];
  const mark = place;
  if (mark === "") return "unknown";
  return inner.map((word) => (word.value.includes(mark) ? { ...DYNAMIC, isSplit: false } : word));
}

/** The commands that `find` runs on what it finds. */
export function findCommands(words: readonly Word[]): Word[][] {
  const found: Word[][] = [];
  for (let at = 1; at < words.length; at += 1) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(words[at]?.value ?? "")) continue;
    const end = words.findIndex(
      ({ value }, index) =>
        index > at && (value === ";" || (value === "+" && words[index - 1]?.value === "{}")),
    );
    const inner = words.slice(at + 1, end === -1 ? undefined : end);
    // What it finds is a path below the one it was given: never an option.
    found.push(
      inner.map((word) => (word.value.includes("{}") ? { ...DYNAMIC, known: "./", isSplit: false } : word)),
    );
    if (end === -1) break;
    at = end;
  }
  return found;
}
