import { z } from "zod";

/** Payloads of the events of commands that people run by the API, without the agent. */
export const COMMAND_EVENTS = {
  "command.started": z.object({ command_id: z.string(), command: z.string(), run_by: z.string() }),
  "command.ended": z.object({
    command_id: z.string(),
    command: z.string(),
    /** Null where it did not end by itself. */
    exit_code: z.number().int().nullable(),
    timed_out: z.boolean(),
    duration_ms: z.number(),
    /** The end of what it printed. */
    output: z.string(),
  }),
};
