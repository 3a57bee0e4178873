import type { Sandbox } from "e2b";
import { z } from "zod";
import { type ProcessesAnswer, processSchema, processesResponse } from "#contracts/processes.ts";
import { refuse } from "../http/refuse.ts";
import { printedBy } from "./programs.ts";

/** What the agent's commands have left running in a sandbox. @throws HttpError upstream_failed */
export async function listProcesses(sandbox: Sandbox): Promise<ProcessesAnswer> {
  return await printedBy(sandbox, { name: "processes", args: "list", schema: processesResponse });
}

const endResponse = z.object({ found: processSchema.pick({ command: true }).nullable(), ended: z.boolean() });

/**
 * Ends one of them, and what it has started.
 * @returns what it was; null where it is none of them, or has ended already
 * @throws HttpError upstream_failed
 */
export async function endListed(sandbox: Sandbox, pid: string): Promise<string | null> {
  const { found, ended } = await printedBy(sandbox, {
    name: "processes",
    args: `end ${pid}`,
    schema: endResponse,
  });
  if (!ended) throw refuse("process_lives");
  return found?.command ?? null;
}
