import { api } from "#convex/_generated/api.js";
import { MAX_PROCESS_COMMAND_CHARS, type ProcessesAnswer } from "#contracts/processes.ts";
import type { Principal } from "#domain/principal.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { maskerOf } from "../keys/variables.ts";
import { endListed, listProcesses } from "../sandbox/processes.ts";
import { sandboxToDrive, sandboxToSee } from "./files.ts";

/** What the agent's commands have left running in a session. @throws HttpError session_stopped | not_ready | upstream_failed */
export async function processesOf(caller: Principal, sessionId: string): Promise<ProcessesAnswer> {
  const { processes, truncated } = await listProcesses(await sandboxToSee(caller, sessionId));
  const masker = await maskerOf(sessionId);
  return {
    processes: processes.map((one) => ({ ...one, command: masker.mask(one.command) })),
    truncated,
  };
}

/** Ends one of them for a person, and says so in the session's log. Idempotent. */
export async function endProcess(
  caller: Exclude<Principal, { kind: "service" }>,
  sessionId: string,
  pid: string,
): Promise<void> {
  const command = await endListed(await sandboxToDrive(caller, sessionId), pid);
  if (command === null) return;
  await serviceData().mutation(api.workspaceFiles.processEnded, {
    actor: actorOf(caller),
    sessionId,
    pid: Number(pid),
    command: (await maskerOf(sessionId)).mask(command).slice(0, MAX_PROCESS_COMMAND_CHARS),
  });
}
