import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { PROJECT_KINDS } from "#domain/project/kinds.ts";

/** What was pulled or pushed last, and from which files: what "changed since" is measured by. */
const baseSchema = z.object({
  version: z.literal(1),
  organizationId: z.string(),
  environment: z.string(),
  revision: z.number().int(),
  entries: z.array(
    z.object({
      kind: z.enum(PROJECT_KINDS),
      slug: z.string(),
      /** Of the definition. */
      hash: z.string(),
      file: z.string(),
    }),
  ),
  /** Files as they were read last, so that what has not changed is not read again. */
  read: z.record(
    z.string(),
    z.object({
      /** Of the file and of everything that it imports, by their paths. */
      sources: z.record(z.string(), z.string()),
      json: z.string(),
    }),
  ),
});
export type Base = z.output<typeof baseSchema>;

const FILE = ".struere/state.json";

/** What a folder remembers; null where that is nothing, or nothing that can be read. */
export async function readBase(folder: string): Promise<Base | null> {
  try {
    return baseSchema.parse(JSON.parse(await fs.readFile(path.join(folder, FILE), "utf8")));
  } catch {
    return null;
  }
}

export async function writeBase(folder: string, base: Base): Promise<void> {
  await fs.mkdir(path.join(folder, ".struere"), { recursive: true });
  const file = path.join(folder, FILE);
  // A command that ends in between leaves the old one, whole.
  await fs.writeFile(`${file}.new`, JSON.stringify(base));
  await fs.rename(`${file}.new`, file);
}
