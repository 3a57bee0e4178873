import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { VERSION } from "#domain/version.ts";
import { PROJECT_KINDS } from "#domain/project/kinds.ts";
import { writeInside } from "./write.ts";

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
  /** Of `read`, by a key of the person's own: a folder that somebody else has made must not say what its files hold. */
  mac: z.string(),
});
export type Base = Omit<z.output<typeof baseSchema>, "mac">;

const FILE = ".struere/state.json";

const MAC_KEY_BYTES = 32;

/** The key of this person's caches, made where there is none; null where it can't be kept. */
async function macKey(): Promise<Buffer | null> {
  const file = path.join(process.env.HOME ?? os.homedir(), ".struere", "cache-key");
  try {
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await fs.writeFile(file, randomBytes(MAC_KEY_BYTES), { mode: 0o600, flag: "wx" }).catch(() => undefined);
    const key = await fs.readFile(file);
    return key.length === MAC_KEY_BYTES ? key : null;
  } catch {
    return null;
  }
}

/** Another version of the command may read files in another way, so it is part of what is signed. */
const macOf = (key: Buffer, read: Base["read"]): string =>
  createHmac("sha256", key)
    .update(`${VERSION}\n${JSON.stringify(read)}`)
    .digest("hex");

async function isOwn({ read, mac }: z.output<typeof baseSchema>): Promise<boolean> {
  const key = await macKey();
  const given = Buffer.from(mac);
  const own = Buffer.from(key ? macOf(key, read) : "");
  return key !== null && given.length === own.length && timingSafeEqual(given, own);
}

/** What a folder remembers; null where that is nothing, or nothing that can be read. */
export async function readBase(folder: string): Promise<Base | null> {
  try {
    const base = baseSchema.parse(JSON.parse(await fs.readFile(path.join(folder, FILE), "utf8")));
    return (await isOwn(base)) ? base : { ...base, read: {} };
  } catch {
    return null;
  }
}

export async function writeBase(folder: string, base: Base): Promise<void> {
  // A command that ends in between leaves the old one, whole.
  const key = await macKey();
  const mac = key ? macOf(key, base.read) : "";
  await writeInside(folder, FILE, JSON.stringify({ ...base, mac }));
}
