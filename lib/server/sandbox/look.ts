import type { Sandbox } from "e2b";
import { z } from "zod";
import { outputOf } from "./files.ts";

/** What is known of a file that the agent names (sandbox-template/agent/look.ts). */
const fileLook = z.object({
  path: z.string(),
  /** Its place, links followed; missing where that could not be found out. */
  real: z.string().optional(),
  /** `none`: nothing is there yet. `unknown`: it could not be read, or is too large to be. */
  kind: z.enum(["file", "none", "other", "unknown"]),
  /** How many of its bytes become others where it is read as UTF-8 and written back. */
  lost: z.number().int().optional(),
  /** Its text, a BOM included, where it is one and not long. */
  text: z.string().optional(),
});
export type FileLook = z.infer<typeof fileLook>;

/** A million bytes of text, each of which JSON may write with six characters, and what is said of them. */
const MAX_CHARACTERS = 8_000_000;
const COMMAND = "exec /opt/studio/bin/node /opt/studio/agent/files.mjs look";

/**
 * Looks at files in a sandbox, with one call into it.
 * @param paths absolute, wherever they lead
 * @throws the SDK's own errors | HttpError where it prints too much | Error where it prints something else
 */
export async function lookAtFiles(
  sandbox: Sandbox,
  paths: readonly string[],
): Promise<Map<string, FileLook>> {
  const printed = await outputOf(sandbox, COMMAND, { STUDIO_PATHS: JSON.stringify(paths) }, MAX_CHARACTERS);
  const looks = z.array(fileLook).parse(JSON.parse(printed));
  return new Map(looks.map((look) => [look.path, look]));
}
