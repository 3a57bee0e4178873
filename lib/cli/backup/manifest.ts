import { z } from "zod";

/** The file that a backup ends with: a backup without it was cut off. */
export const MANIFEST = "manifest.json";
/** What the form of backups is now; a later one is not read. */
export const FORMAT = 1;

export const manifestSchema = z.object({
  format: z.literal(FORMAT, { error: "it was made by a newer Studio" }),
  /** Of the Studio that made it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Where the saved work of sessions is: in the backup itself, or in a bucket that is backed up by itself. */
  checkpoints: z.enum(["here", "s3"]),
  files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type Manifest = z.output<typeof manifestSchema>;

const PARTS =
  /^(?:convex\/data\.sqlite|auth\.db|secrets\.json|credentials\.json|manifest\.json|checkpoints\/.+)$/;

/** Whether a name in a backup is one that it may have: nothing else is ever written of it. */
export function isPart(name: string): boolean {
  return PARTS.test(name) && !name.split("/").some((part) => part === "" || part === "." || part === "..");
}
