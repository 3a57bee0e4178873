import { CommandExitError, type Sandbox } from "e2b";
import { EXIT_UNREACHABLE } from "#contracts/sync.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { ProvisionFailure } from "./steps.ts";

const TOOLS_MS = 15_000;
const PULL_MS = 60_000;

/** Runs a command to its end. @throws ProvisionFailure with its last words where it fails */
async function run(
  sandbox: Sandbox,
  command: string,
  { timeoutMs, what, envs = {} }: { timeoutMs: number; what: string; envs?: Record<string, string> },
): Promise<void> {
  await sandbox.commands.run(command, { cwd: WORKSPACE, timeoutMs, envs }).catch((error: unknown) => {
    if (!(error instanceof CommandExitError)) throw error;
    const words = (error.stderr || error.stdout || error.message).trim().slice(-400);
    // A project that cannot be fetched now, since its own way is broken, may be in a moment.
    throw new ProvisionFailure(`${what} failed: ${words}`, {
      passing: error.exitCode === EXIT_UNREACHABLE,
    });
  });
}

/** Looks for the tools of the agent, and makes the workspace one of git's: without it paths are relative to the root. */
export async function prepareWorkspace(sandbox: Sandbox): Promise<void> {
  await run(sandbox, "command -v opencode studio-agent rg git node struere && git init -q -b main", {
    timeoutMs: TOOLS_MS,
    what: "Looking for the agent's tools",
  });
}

/** Fills the workspace with the project. @param envs what `struere` finds it by */
export async function pullProject(sandbox: Sandbox, envs: Record<string, string>): Promise<void> {
  await run(sandbox, "struere pull --force", { timeoutMs: PULL_MS, what: "Pulling the project", envs });
}
