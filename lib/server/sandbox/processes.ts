import type { Sandbox } from "e2b";
import { z } from "zod";
import { type ProcessesAnswer, processSchema, processesResponse } from "#contracts/processes.ts";
import { refuse } from "../http/refuse.ts";
import { asRefusal, outputOf } from "./files.ts";

/** Of the template (sandbox-template/agent/processes.ts); nobody inside can write to either. */
const PROGRAM = "exec /opt/studio/bin/node /opt/studio/agent/processes.mjs";

async function printed<T>(sandbox: Sandbox, args: string, schema: z.ZodType<T>): Promise<T> {
  try {
    const parsed = schema.safeParse(JSON.parse(await outputOf(sandbox, `${PROGRAM} ${args}`)));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw asRefusal(error);
  }
  throw refuse("sandbox_silent");
}

/** What the agent's commands have left running in a sandbox. @throws HttpError upstream_failed */
export async function listProcesses(sandbox: Sandbox): Promise<ProcessesAnswer> {
  return await printed(sandbox, "list", processesResponse);
}

const endResponse = z.object({ found: processSchema.nullable(), ended: z.boolean() });

/**
 * Ends one of them, and what it has started.
 * @returns what it was; null where it is none of them, or has ended already
 * @throws HttpError upstream_failed
 */
export async function endListed(sandbox: Sandbox, pid: string): Promise<string | null> {
  const { found, ended } = await printed(sandbox, `end ${pid}`, endResponse);
  if (!ended) throw refuse("process_lives");
  return found?.command ?? null;
}
