import { randomBytes } from "node:crypto";
import { CommandExitError, type Sandbox } from "e2b";
import type { Masker } from "#domain/mask.ts";
import { plural } from "#domain/plural.ts";
import { pauseFor } from "#net/retry.ts";
import { isGone, sandboxRuns } from "../sandbox/sandbox.ts";
import { tellingBreaks } from "../sandbox/unreachable.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { SetupOutput } from "./setup-output.ts";

/** Why a script came to nothing, in a sentence for the person. */
export class SetupFailed extends Error {
  /** True where its sandbox is gone with it. */
  readonly endedSandbox: boolean;

  constructor(message: string, { endedSandbox = false } = {}) {
    super(message);
    this.name = "SetupFailed";
    this.endedSandbox = endedSandbox;
  }
}

/** How often what was printed is handed on. */
const FLUSH_MS = 400;
const SMALL_MS = 20_000;
/** Bytes that come out of a sandbox: the beginning of what a script prints, and its end. */
const MAX_BYTES = 1_000_000;
const END_BYTES = 16_000;
const MAX_LOCKFILE_BYTES = 20_000_000;

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Ends whatever still runs of a script; twice, since it may start more meanwhile. */
const endLeftovers = (mark: string): string =>
  `for round in 1 2; do for f in /proc/[0-9]*/environ; do if grep -qs ${mark} "$f"; then kill -9 "\${f//[!0-9]/}"; fi; done; done 2>/dev/null`;

/** Passes the beginning on as it comes, which `head` would keep until its end, and of the rest the last bytes. */
const SINK = [
  "my ($room, $keep) = @ARGV;",
  'my $end = "";',
  "sub out { my $at = 0;",
  "while ($at < length $_[0]) { $at += syswrite(STDOUT, $_[0], length($_[0]) - $at, $at) || exit } }",
  "while (sysread STDIN, my $piece, 65536) {",
  "my $now = substr $piece, 0, $room;",
  "$room -= length $now; out($now);",
  "$end .= substr $piece, length $now;",
  "$end = substr $end, -$keep if length $end > $keep }",
  "out($end)",
].join(" ");

/**
 * Runs the script with its input closed and no terminal, so that nothing in it can ask for anything; what it leaves
 * running is ended, and of endless output the middle is left out.
 */
const commandFor = (file: string, mark: string): string =>
  [
    `exec 3> >(perl -e '${SINK}' ${MAX_BYTES} ${END_BYTES})`,
    "sink=$!",
    `env ${mark} setsid -w bash -e ${file} </dev/null >&3 2>&3 3>&-`,
    "code=$?",
    endLeftovers(mark),
    `rm -f ${file}`,
    "exec 3>&-",
    'wait "$sink"',
    "exit $code",
  ].join("\n");

export interface SetupRun {
  script: string;
  /** The folder of the workspace that it runs in; null for the workspace itself. */
  folder: string | null;
  timeoutMs: number;
  /** What it has beside the sandbox's own environment. */
  env: Record<string, string>;
  masker: Masker;
  /** Takes what it prints, masked. Where it throws, the script is ended. */
  onOutput: (text: string) => Promise<void>;
  signal?: AbortSignal;
}

/** The time in words: minutes where they are whole. */
const inWords = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return seconds % 60 === 0 ? `${seconds / 60} ${plural(seconds / 60, "minute", "minutes")}` : `${seconds} s`;
};

/**
 * Runs a set-up script in a sandbox.
 * @throws SetupFailed where it fails by itself, takes too long, or its sandbox ends
 * @throws what `onOutput` throws, or the signal's reason
 */
export async function runSetupScript(sandbox: Sandbox, run: SetupRun): Promise<void> {
  const id = randomBytes(8).toString("hex");
  const [file, mark] = [`/tmp/studio-setup-${id}.sh`, `STUDIO_SETUP=${id}`];
  const output = new SetupOutput(run.masker);
  try {
    await tellingBreaks(async () => await watched(sandbox, run, { file, mark, output }));
  } catch (error) {
    if (error instanceof CommandExitError) {
      await run.onOutput(output.finish());
      const words = output.lastLine === "" ? "" : `: ${output.lastLine}`;
      throw new SetupFailed(`Set-up failed with exit code ${error.exitCode}${words}`);
    }
    if (run.signal?.aborted || error instanceof SetupFailed) throw error;
    if (isGone(error) || (await sandboxRuns(sandbox.sandboxId)) === false) {
      await run.onOutput(output.finish()).catch(() => undefined);
      throw new SetupFailed(
        "The sandbox was ended while set-up ran: it probably used more disk or memory than a sandbox may.",
        { endedSandbox: true },
      );
    }
    throw error;
  }
  await run.onOutput(output.finish());
}

async function watched(
  sandbox: Sandbox,
  { script, folder, timeoutMs, env, onOutput, signal }: SetupRun,
  { file, mark, output }: { file: string; mark: string; output: SetupOutput },
): Promise<void> {
  await sandbox.files.write(file, script);
  const handle = await sandbox.commands.run(commandFor(file, mark), {
    background: true,
    timeoutMs: 0,
    cwd: folder === null ? WORKSPACE : `${WORKSPACE}/${folder}`,
    envs: env,
    onStdout: (text) => output.add(text),
  });
  const ended = handle.wait().then(
    () => "done" as const,
    (error: unknown) => ({ error }),
  );
  const endAll = async () => {
    await sandbox.commands.run(endLeftovers(mark), { timeoutMs: SMALL_MS }).catch(() => undefined);
    await Promise.race([ended, pauseFor(2_000)]);
    await handle.kill().catch(() => false);
  };
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await Promise.race([ended, pauseFor(FLUSH_MS)]);
    if (outcome === "done") return;
    if (outcome) throw outcome.error;
    try {
      signal?.throwIfAborted();
      await onOutput(output.take());
    } catch (error) {
      await endAll();
      throw error;
    }
    if (performance.now() > deadline) {
      await endAll();
      await onOutput(output.finish());
      throw new SetupFailed(
        `Set-up didn't finish within ${inWords(timeoutMs)} and was stopped. It can't ask for input; if it waits for an answer, use an option such as --yes.`,
      );
    }
  }
}

/** The SHA-256 of each lockfile; null where there is none. */
export async function hashLockfiles(
  sandbox: Sandbox,
  paths: readonly string[],
): Promise<Map<string, string | null>> {
  if (paths.length === 0) return new Map();
  const command = `for f in ${paths.map(quote).join(" ")}; do if [ -f "$f" ]; then head -c ${MAX_LOCKFILE_BYTES} -- "./$f" | sha256sum | cut -c1-64; else echo -; fi; done`;
  const { stdout } = await sandbox.commands.run(command, { cwd: WORKSPACE, timeoutMs: SMALL_MS });
  const lines = stdout.trim().split("\n");
  return new Map(
    paths.map((path, index) => {
      const hash = lines[index] ?? "";
      return [path, /^[0-9a-f]{64}$/.test(hash) ? hash : null];
    }),
  );
}
