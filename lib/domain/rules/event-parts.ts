import { z } from "zod";

/** Rules that decided, as the log names them: their names then. */
export const decidingRules = z.array(z.object({ id: z.string(), name: z.string() }));

/** The rule that a person has made with a decision. */
export const madeRule = z.object({
  id: z.string(),
  name: z.string(),
  pattern: z.string(),
  scope: z.string(),
});
