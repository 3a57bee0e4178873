import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import fs from "node:fs";
import { createInterface } from "node:readline";
import { evaluatorProgram, type FromEvaluator, type ToEvaluator } from "./evaluator.ts";

/** A definition file that was read: the definition as JSON text, and the files that it imports. */
type Evaluated =
  | { ok: true; json: string; imports: string[] }
  | {
      ok: false;
      message: string;
      at?: { file: string; line: number; column: number };
      /** The part of the definition that it is about. */
      path?: string;
    };

export interface EvaluationLimits {
  /** For one file, with what it imports: time of its own, not of a busy machine. */
  timeoutMs: number;
  memoryMb: number;
  /** Of one definition as JSON. */
  maxChars: number;
}

export const EVALUATION_LIMITS: EvaluationLimits = { timeoutMs: 5_000, memoryMb: 192, maxChars: 1_000_000 };
/** Programs that one run starts again after a file that ended them. */
const MAX_RESTARTS = 20;

/** Finds what a file imports. @throws Error with a sentence where it may not, or where there is none */
export type Importing = (from: string, specifier: string) => Promise<{ file: string; source: string }>;

type Child = ChildProcessWithoutNullStreams;

/** Starts a child that is ready to read: what a file may take is not measured by how long that was. @throws Error */
async function startChild({ memoryMb }: EvaluationLimits): Promise<Child> {
  const flags = [
    "--permission",
    "--no-warnings",
    "--experimental-vm-modules",
    "--disallow-code-generation-from-strings",
    `--max-old-space-size=${memoryMb}`,
    "--input-type=commonjs",
    "--eval",
    `(${evaluatorProgram.toString()})()`,
  ];
  // Nothing of the environment, in which keys are.
  const child = spawn(process.execPath, flags, { env: {} as NodeJS.ProcessEnv, cwd: "/", stdio: "pipe" });
  // One that is gone says so by closing.
  child.stdin.on("error", () => undefined);
  const isReady = await new Promise<boolean>((resolve) => {
    child.stdout.once("data", () => resolve(true));
    child.once("close", () => resolve(false));
    child.once("error", () => resolve(false));
  });
  if (!isReady)
    throw new Error(`Definition files can't be read by Node ${process.version}: use 22.18 or newer.`);
  return child;
}

/** How much longer than its own time a file may take where the machine is busy with something else. */
const PATIENCE = 20;

/** What a process has computed for so far; null where the system doesn't tell. */
function cpuMs(pid: number | undefined): number | null {
  try {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    // In ticks, of which Linux has a hundred in a second.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

/** Why a child is gone that was to read a file. */
function endOf(child: Child, stderr: string): string {
  if (/heap out of memory|Allocation failed|invalid string length/i.test(stderr))
    return "It needs too much memory.";
  return `The process that reads it ended (${child.signalCode ?? child.exitCode ?? "unknown"}).`;
}

/** Reads one file in a running child. @returns whether the child can read another one, too */
async function readIn(
  child: Child,
  job: { file: string; source: string },
  importing: Importing,
  limits: EvaluationLimits,
): Promise<{ result: Evaluated; usable: boolean }> {
  return await new Promise((resolve) => {
    let stderr = "";
    const lines = createInterface({ input: child.stdout });
    // To whom reads lines, U+2028 and U+2029 end one, too.
    const tell = (line: ToEvaluator) =>
      child.stdin.write(
        `${JSON.stringify(line).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\n`,
      );
    const finish = (result: Evaluated, usable: boolean) => {
      clearInterval(timer);
      lines.close();
      child.off("close", closed);
      child.stderr.off("data", heard);
      child.stdout.off("data", counted);
      if (!usable) child.kill("SIGKILL");
      resolve({ result, usable });
    };
    const failed = (message: string) => finish({ ok: false, message }, false);
    let chars = 0;
    const counted = (chunk: Buffer) => {
      chars += chunk.length;
      // Three bytes a character, and JSON around JSON.
      if (chars > limits.maxChars * 8) failed("It has too much output.");
    };
    const heard = (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-8_000);
    };
    const closed = () => failed(endOf(child, stderr));
    const began = Date.now();
    const cpuBefore = cpuMs(child.pid);
    const timer = setInterval(() => {
      const waited = Date.now() - began;
      const used = cpuBefore === null ? waited : (cpuMs(child.pid) ?? cpuBefore) - cpuBefore;
      if (used > limits.timeoutMs || waited > limits.timeoutMs * PATIENCE)
        failed(`It was not read within ${limits.timeoutMs} ms: does it end at all?`);
    }, 100);
    child.on("close", closed);
    child.stderr.on("data", heard);
    child.stdout.on("data", counted);
    lines.on("line", (text) => {
      let line: FromEvaluator;
      try {
        line = JSON.parse(text) as FromEvaluator;
      } catch {
        failed("The process that reads it said what can't be read.");
        return;
      }
      if (line.type === "ready") return;
      if (line.type === "need")
        importing(line.from, line.specifier).then(
          (found) => tell({ type: "imported", ...found }),
          (error: unknown) => tell({ type: "not_imported", message: (error as Error).message }),
        );
      else if (line.type === "failed")
        finish(
          {
            ok: false,
            message: line.message,
            ...(line.at && { at: line.at }),
            // The child may be somebody else's by now.
            ...(typeof line.path === "string" && { path: line.path }),
          },
          true,
        );
      else if (line.json.length > limits.maxChars)
        finish(
          { ok: false, message: `It has ${line.json.length} characters; ${limits.maxChars} is the most.` },
          true,
        );
      else finish({ ok: true, json: line.json, imports: line.imports }, true);
    });
    tell({ type: "file", ...job });
  });
}

/**
 * Reads definition files, each for itself, in a process without files, network and environment, within limits of time,
 * memory and output. One that cannot be read says why; the others are read all the same.
 */
export async function evaluate(
  jobs: readonly { file: string; source: string }[],
  importing: Importing,
  limits: EvaluationLimits = EVALUATION_LIMITS,
): Promise<Evaluated[]> {
  const results: Evaluated[] = [];
  let child: Child | undefined;
  let restarts = 0;
  for (const job of jobs) {
    if (restarts > MAX_RESTARTS) {
      results.push({ ok: false, message: "It was not read: too many files before it could not be." });
      continue;
    }
    child ??= await startChild(limits);
    const { result, usable } = await readIn(child, job, importing, limits);
    results.push(result);
    if (usable) continue;
    child = undefined;
    restarts += 1;
  }
  child?.kill("SIGKILL");
  return results;
}
