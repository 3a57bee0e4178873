import fs from "node:fs";
import path from "node:path";
import { StartFailure } from "../up/options.ts";
import { writeArchive } from "./archive.ts";
import { takeSnapshot } from "./snapshot.ts";

/** What backups are called, by the second: names sort by their time. */
const NAME = /^studio-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.tar\.zst(\.age)?$/;

const nameAt = (now: Date, sealed: boolean): string =>
  `studio-${now.toISOString().slice(0, 19).replaceAll(":", "-")}Z.tar.zst${sealed ? ".age" : ""}`;

export interface Made {
  file: string;
  bytes: number;
  files: number;
  checkpoints: "here" | "s3";
  /** Older backups that were removed. */
  removed: string[];
}

/**
 * Makes one backup of everything, and removes the oldest ones where more are there than are kept.
 * @param to a folder of backups
 * @param keep how many stay; undefined for all
 * @throws StartFailure
 */
export async function makeBackup(options: {
  data: string;
  root: string;
  environment: NodeJS.ProcessEnv;
  to: string;
  recipient: string | null;
  keep?: number;
}): Promise<Made> {
  const { to, recipient, keep, ...from } = options;
  fs.mkdirSync(to, { recursive: true, mode: 0o700 });
  const file = path.join(to, nameAt(new Date(), recipient !== null));
  if (fs.existsSync(file)) throw new StartFailure(`${file} is there already.`);
  const snapshot = await takeSnapshot(from);
  try {
    const bytes = await writeArchive(snapshot, file, recipient);
    // Only once the new one is whole.
    const all = fs
      .readdirSync(to)
      .filter((name) => NAME.test(name))
      .toSorted();
    const removed = keep === undefined ? [] : all.slice(0, -keep);
    for (const name of removed) fs.rmSync(path.join(to, name), { force: true });
    const { names, checkpoints } = snapshot;
    return { file, bytes, files: names.length, checkpoints, removed };
  } finally {
    fs.rmSync(snapshot.folder, { recursive: true, force: true });
  }
}
