import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { quote } from "./stage.ts";
import { toolPath } from "./tools.ts";

/** What of a sandbox lies on disk. */
const NAMES = ["home", "workspace"] as const;
const IDMAP = path.join(import.meta.dirname, "idmap.pl");
const TRIAL_MS = 10_000;
const COPY_MS = 10 * 60_000;

/**
 * A sandbox's files as layers (overlayfs): what a snapshot has, which all of its sandboxes read, below what this one has
 * changed. So that it begins at once, however much there is.
 */
export interface Layers {
  /** The sandbox's folder, as the builder reaches it. */
  folder: string;
  /** The snapshot's folder; nobody writes to it. */
  below: string;
  /** Whose the snapshot's files are on disk. */
  owner: number;
  /** Whose they are in the sandbox. */
  shown: number;
}

const layersOf = (folder: string): string => path.join(folder, "layers");

/** What a sandbox has changed: the folders that it can write to. */
export const changedFolders = (folder: string): string[] =>
  NAMES.map((name) => path.join(layersOf(folder), name, "upper"));

/** Lays out the folders of a sandbox with layers. */
export function layFolders(folder: string, uid: number): void {
  fs.mkdirSync(layersOf(folder), { mode: 0o700 });
  for (const name of NAMES) {
    fs.mkdirSync(path.join(folder, name), { mode: 0o700 });
    const own = path.join(layersOf(folder), name);
    fs.mkdirSync(own);
    for (const part of ["lower", "upper", "work"]) fs.mkdirSync(path.join(own, part), { mode: 0o700 });
    fs.chownSync(path.join(own, "upper"), uid, uid);
  }
}

/** `redirect_dir` lets folders of the snapshot be renamed, `index` keeps hard links what they are. */
const OPTIONS = "nosuid,nodev,redirect_dir=on,index=on,metacopy=on";
const words = ([tool = "", ...rest]: string[]): string => [toolPath(tool), ...rest].map(quote).join(" ");

/** The lines of a shell, in a mount namespace of its own, that put the layers together at `home` and `workspace`. */
export function layerLines({ folder, below, owner, shown }: Layers): string[] {
  const pairs = NAMES.flatMap((name) => [path.join(below, name), `${name}/lower`]);
  return [
    `cd ${quote(layersOf(folder))}`,
    // It looks for the tools that it needs.
    `PATH=/usr/sbin:/usr/bin:/sbin:/bin ${words(["perl", IDMAP, String(owner), String(shown), ...pairs])}`,
    ...NAMES.flatMap((name) => [
      words([
        "mount",
        "-t",
        "overlay",
        "-o",
        `${OPTIONS},lowerdir=${name}/lower,upperdir=${name}/upper,workdir=${name}/work`,
        "overlay",
        path.join(folder, name),
      ]),
      words(["umount", `${name}/lower`]),
    ]),
    "cd /",
  ];
}

/** Runs lines in a mount namespace of their own. @throws with what was said on stderr */
function inOwnNamespace(lines: string[], timeout: number): Promise<void> {
  const script = ["set -e", ...lines].join("\n");
  const args = ["--mount", "--propagation", "private", "sh", "-c", script];
  return new Promise((resolve, reject) => {
    execFile(toolPath("unshare"), args, { timeout, killSignal: "SIGKILL" }, (error, _stdout, stderr) => {
      if (error) reject(new Error(stderr.trim() || error.message));
      else resolve();
    });
  });
}

/** Copies all that a sandbox has, of both layers, into a new folder. It must not run. */
export async function copyLayers(layers: Layers, target: string): Promise<void> {
  const copies = NAMES.map((name) =>
    words(["cp", "-a", "--sparse=auto", "-T", "--", path.join(layers.folder, name), path.join(target, name)]),
  );
  await inOwnNamespace([...layerLines(layers), ...copies], COPY_MS);
}

/**
 * Tries layers once, in a new folder `trial`.
 * @returns whether they work here: they need root's own mounts, a kernel that shows owners as others below an overlay
 * (Linux 5.19), and a file system that can have one
 */
export async function tryLayers(trial: string, uid: number, log: (line: string) => void): Promise<boolean> {
  const [folder, below] = [path.join(trial, "sandbox"), path.join(trial, "below")];
  try {
    for (const made of [trial, folder, below, ...NAMES.map((name) => path.join(below, name))])
      fs.mkdirSync(made, { mode: 0o700 });
    const file = path.join(below, "home", "file");
    fs.writeFileSync(file, "below");
    for (const given of [file, path.join(below, "home")]) fs.chownSync(given, uid + 1, uid + 1);
    layFolders(folder, uid);
    const seen = quote(path.join(folder, "home", "file"));
    await inOwnNamespace(
      [
        ...layerLines({ folder, below, owner: uid + 1, shown: uid }),
        `test "$(stat -c %u ${seen})" = ${uid}`,
        `echo above > ${seen}`,
        `mv ${quote(path.join(folder, "home"))}/file ${quote(path.join(folder, "home"))}/moved`,
      ],
      TRIAL_MS,
    );
    return fs.readFileSync(file, "utf8") === "below";
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log(`sandboxes copy their snapshots, since layers do not work here: ${reason.split("\n").join(" ")}`);
    return false;
  } finally {
    fs.rmSync(trial, { recursive: true, force: true });
  }
}
