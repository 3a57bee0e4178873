import { z } from "zod";

/** Terminals of one session at a time. */
export const MAX_TERMINALS = 4;

const size = {
  cols: z.number().int().min(2).max(500),
  rows: z.number().int().min(1).max(300),
};

/** `POST /api/studio/sessions/{id}/terminals` */
export const openTerminalBody = z.strictObject(size);
/** `POST …/terminals/{terminal}/resize` */
export const resizeTerminalBody = z.strictObject(size);
/** `POST …/terminals/{terminal}/input`: what was typed, as text. */
export const terminalInputBody = z.strictObject({ data: z.string().min(1).max(100_000) });

export const terminalSchema = z.object({ id: z.string() });
export const terminalsResponse = z.object({ terminals: z.array(terminalSchema) });
export type TerminalsAnswer = z.infer<typeof terminalsResponse>;
