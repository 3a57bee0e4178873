import fs from "node:fs/promises";
import path from "node:path";
import { CliError, EXIT } from "./options.ts";

/*
 * A folder may be somebody else's, cloned a moment ago: a link in it must not lead what is written out of it, nor to a
 * file that is no part of the project.
 */

/** The place of a file of the project, its folders made. @throws CliError where one of them leads out of it */
async function placeOf(folder: string, name: string): Promise<string> {
  const root = await fs.realpath(folder);
  const parts = path.dirname(name).split("/");
  let within = root;
  for (const part of parts) {
    within = path.join(within, part);
    await fs.mkdir(within).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    const real = await fs.realpath(within).catch(() => "");
    if (real !== root && !real.startsWith(`${root}${path.sep}`))
      throw new CliError(`${name} leads out of this folder by a link, so it wasn't written.`, EXIT.access);
  }
  return path.join(within, path.basename(name));
}

/** Writes a file of the project whole. A link that is there is replaced, and not followed. */
export async function writeInside(folder: string, name: string, text: string): Promise<void> {
  const file = await placeOf(folder, name);
  const fresh = `${file}.${process.pid}.new`;
  await fs.rm(fresh, { force: true });
  await fs.writeFile(fresh, text, { flag: "wx" });
  await fs.rename(fresh, file);
}

/** Writes a file that isn't there yet. @returns false where something is there, which stays */
export async function writeNewInside(folder: string, name: string, text: string): Promise<boolean> {
  try {
    await fs.writeFile(await placeOf(folder, name), text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a file of the project; of a link, the link. */
export async function removeInside(folder: string, name: string): Promise<void> {
  await fs.rm(await placeOf(folder, name));
}

/** Makes a folder of the project. */
export async function makeInside(folder: string, name: string): Promise<void> {
  await placeOf(folder, `${name}/x`);
}
