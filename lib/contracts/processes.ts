import { z } from "zod";

/** Of a command's line. */
export const MAX_PROCESS_COMMAND_CHARS = 500;
/** More are not listed at once. */
export const MAX_PROCESSES = 100;

/** A process that a command of the agent's has left running, or that a person has begun in a terminal. */
export const processSchema = z.object({
  pid: z.number().int().positive(),
  command: z.string().max(MAX_PROCESS_COMMAND_CHARS),
  since: z.number().describe("Epoch milliseconds."),
  ports: z.array(z.number().int()).describe("Ports that it listens on."),
  memoryBytes: z.number().nonnegative().describe("In memory now, with what it shares with others."),
  from: z
    .enum(["command", "terminal"])
    .describe("Who has begun it: a command of the agent's, or a person in a terminal."),
  cpuPercent: z.number().nonnegative().describe("Of one core, at the moment."),
});

/** `GET /api/studio/sessions/{id}/processes` */
export const processesResponse = z.object({
  processes: z.array(processSchema).max(MAX_PROCESSES),
  truncated: z.boolean().describe("True where there are more than are listed."),
});
export type ProcessesAnswer = z.infer<typeof processesResponse>;

/** The process of a path. */
export const pidParam = z.string().regex(/^[1-9]\d{0,9}$/, "Name the process by its number.");
