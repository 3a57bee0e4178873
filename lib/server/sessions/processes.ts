import { api } from "#convex/_generated/api.js";
import { MAX_PROCESS_COMMAND_CHARS, type ProcessesAnswer } from "#contracts/processes.ts";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { maskerOf } from "../keys/variables.ts";
import { endListed, listProcesses } from "../sandbox/processes.ts";
import { sandboxToDrive, sandboxToSee } from "./files.ts";

/** What a person types may be a secret: those who may not drive are told the program alone. */
function shownCommand(caller: Principal, { from, command }: ProcessesAnswer["processes"][number]): string {
  const mayType = caller.kind !== "service" && roleAtLeast(caller.role, "member");
  if (from === "command" || mayType) return command;
  return command.split(" ", 1)[0]?.split("/").at(-1) ?? "";
}

/** What commands have left running in a session, and what runs in terminals. @throws HttpError session_stopped | not_ready | upstream_failed */
export async function processesOf(caller: Principal, sessionId: string): Promise<ProcessesAnswer> {
  const { processes, truncated } = await listProcesses(await sandboxToSee(caller, sessionId));
  const masker = await maskerOf(sessionId);
  return {
    processes: processes.map((one) => ({ ...one, command: masker.mask(shownCommand(caller, one)) })),
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
