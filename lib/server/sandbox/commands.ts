import { CommandExitError, type Sandbox } from "e2b";
import { asRefusal } from "./files.ts";

/** What a command came to, as far as it is kept. */
export interface CommandResult {
  stdout: string;
  stderr: string;
  /** Null where it did not end by itself. */
  exitCode: number | null;
  durationMs: number;
  timedOut: boolean;
  truncated: boolean;
}

const LOOK_MS = 50;
/** What ends it is given this long; after that the connection is let go. */
const GRACE_MS = 10_000;
/** A command may print so many times what is kept, before it is ended. */
const TIMES_KEPT = 8;
const SHELL = 'exec timeout --kill-after=2 "$STUDIO_SECONDS" bash -c "$STUDIO_COMMAND"';

/**
 * Runs a command of a person's with its own time limit, which ends all that it has started; what it prints is kept up to
 * a bound, and it is ended far beyond that.
 * @param run `cwd`: absolute; `keptChars` of each of the two outputs
 * @throws HttpError upstream_failed | not_ready
 */
export async function runBounded(
  sandbox: Sandbox,
  run: {
    command: string;
    cwd: string;
    env: Record<string, string>;
    timeoutSeconds: number;
    keptChars: number;
  },
): Promise<CommandResult> {
  const { command, cwd, env, timeoutSeconds, keptChars } = run;
  const begun = performance.now();
  const timeoutMs = timeoutSeconds * 1_000;
  let endless = false;
  try {
    const handle = await sandbox.commands.run(SHELL, {
      background: true,
      cwd,
      envs: { ...env, STUDIO_COMMAND: command, STUDIO_SECONDS: String(timeoutSeconds) },
      timeoutMs: timeoutMs + GRACE_MS,
    });
    const watch = setInterval(() => {
      if (endless || handle.stdout.length + handle.stderr.length <= keptChars * TIMES_KEPT) return;
      endless = true;
      handle
        .kill()
        .catch(() => false)
        .finally(() => void handle.disconnect());
    }, LOOK_MS);
    let exitCode: number | null;
    try {
      exitCode = await handle.wait().then(
        (result) => result.exitCode,
        (error: unknown) => {
          if (error instanceof CommandExitError) return error.exitCode;
          if (endless) return null;
          throw error;
        },
      );
    } finally {
      clearInterval(watch);
    }
    const durationMs = Math.round(performance.now() - begun);
    const timedOut = durationMs >= timeoutMs && (exitCode === 124 || exitCode === 137);
    const { stdout, stderr } = handle;
    return {
      stdout: stdout.slice(0, keptChars),
      stderr: stderr.slice(0, keptChars),
      exitCode: timedOut || endless ? null : exitCode,
      durationMs,
      timedOut,
      truncated: endless || stdout.length > keptChars || stderr.length > keptChars,
    };
  } catch (error) {
    throw asRefusal(error);
  }
}
