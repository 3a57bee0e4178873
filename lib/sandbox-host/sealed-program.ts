import fs from "node:fs/promises";
import path from "node:path";

/**
 * A program that may be run and not read: the kernel then lets no process of the same user into one that runs it, for
 * its memory, environment or descriptors in /proc (`PR_SET_DUMPABLE` of prctl(2)).
 */
export const SEALED_MODE = 0o111;

const PERMISSIONS = 0o777;

/** Copies a program to where it has that mode; its own file stays as it is. A copy of before serves again. */
export async function sealedCopy(source: string, target: string): Promise<void> {
  const wanted = await fs.stat(source);
  const seconds = Math.trunc(wanted.mtimeMs / 1_000);
  const known = await fs.stat(target).catch(() => null);
  if (
    known?.size === wanted.size &&
    Math.trunc(known.mtimeMs / 1_000) === seconds &&
    (known.mode & PERMISSIONS) === SEALED_MODE
  )
    return;
  await fs.mkdir(path.dirname(target), { recursive: true });
  const made = `${target}.${process.pid}`;
  await fs.copyFile(source, made, fs.constants.COPYFILE_FICLONE);
  await fs.utimes(made, seconds, seconds);
  await fs.chmod(made, SEALED_MODE);
  await fs.rename(made, target);
}
