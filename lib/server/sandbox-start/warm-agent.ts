import type { Sandbox } from "e2b";
import { TimedOut, until } from "#net/retry.ts";
import type { AgentPlace } from "../agent/bridge.ts";
import type { AcpClient } from "../agent/client.ts";
import { log, messageOf } from "../log.ts";
import {
  changeNetwork,
  killSandbox,
  reopenSandbox,
  type SandboxNetwork,
  type SandboxRef,
  SUBAGENT_PORT,
} from "../sandbox/sandbox.ts";
import { type BridgeSandbox, startLine, withBridge } from "./agent-server.ts";
import type { WarmSandbox } from "./capacity.ts";
import { NOBODYS_CONFIG } from "./opencode-config.ts";
import { ProvisionFailure } from "./steps.ts";
import { AGENT_VARIABLES, sealedVariables, SETTING_VARIABLES } from "./variables.ts";

/** OpenCode's whole start, on a machine that does other things first. */
const WARM_MS = 60_000;
/** What waits takes what it is given within a tenth of a second; behind this a cold start is quicker. */
const CLAIM_MS = 3_000;
const PROBE_MS = 1_000;
const POLL_MS = 10;

/**
 * Starts the bridge and OpenCode in a sandbox before it is known for whom: no key, no token and no workspace is theirs.
 * @returns the bridge's process, which takes a session's start by its stdin
 * @throws ProvisionFailure where they do not come up
 */
export async function startWarmAgent(sandbox: BridgeSandbox): Promise<number> {
  let bridge = 0;
  await withBridge(sandbox, {}, WARM_MS, async ({ pid, said, waitFor }) => {
    const start = {
      warm: true,
      agentPort: SUBAGENT_PORT,
      settings: sealedVariables(NOBODYS_CONFIG),
      env: { ...AGENT_VARIABLES, ...SETTING_VARIABLES },
    };
    await sandbox.commands.sendStdin(pid, `${JSON.stringify(start)}\n`);
    await waitFor("the warm agent", () => said().includes("warm"));
    bridge = pid;
  });
  return bridge;
}

/**
 * Opens a warm sandbox for the session that has claimed it, and has it reach what that one may, before anything of the
 * session enters.
 * @returns null where it cannot be had, so that another is to be made
 */
export async function takeWarm(
  { sandboxId, bridge }: WarmSandbox,
  { network, timeoutMs }: { network: SandboxNetwork; timeoutMs: number },
): Promise<{ sandbox: Sandbox; ref: SandboxRef; bridge: number } | null> {
  try {
    const [opened] = await Promise.all([
      reopenSandbox(sandboxId, timeoutMs),
      changeNetwork(sandboxId, network),
    ]);
    return { ...opened, bridge };
  } catch (error) {
    log("info", "a warm sandbox could not be used", { sandboxId, error: messageOf(error) });
    await killSandbox(sandboxId).catch(() => undefined);
    return null;
  }
}

/**
 * Makes an agent that waits a session's, as if it had been started for it.
 * @param bridge the bridge's process
 * @param variables that its commands find in their environment
 * @throws ProvisionFailure where it does not answer in time
 */
export async function claimWarmAgent(
  sandbox: BridgeSandbox,
  bridge: number,
  place: AgentPlace,
  client: Pick<AcpClient, "healthy">,
  config: Record<string, unknown>,
  variables: Record<string, string>,
): Promise<void> {
  await sandbox.commands.sendStdin(bridge, startLine(place, config, variables));
  try {
    await until("the claimed agent", async () => await client.healthy(PROBE_MS), {
      timeoutMs: CLAIM_MS,
      everyMs: POLL_MS,
    });
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
    throw new ProvisionFailure("The agent that waited doesn't respond.", { passing: true });
  }
}
