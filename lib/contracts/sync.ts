import { z } from "zod";

const definition = z.string().describe("A definition as JSON text.");

/** Exit code of `struere` where the project could not be reached, as sysexits.h has it: another try may succeed. */
export const EXIT_UNREACHABLE = 75;

/** What `struere pull` gets: the project of the key's organization and environment. */
export const pullResponse = z.object({
  organization: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  environment: z.string(),
  agents: z.array(definition),
  entityTypes: z.array(definition),
  roles: z.array(definition),
  triggers: z.array(definition),
});
