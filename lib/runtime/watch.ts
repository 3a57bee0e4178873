import fs from "node:fs";
import path from "node:path";
import { AppError } from "./project.ts";

/** Editors write a file in several steps; what comes within this time is one change. */
const SETTLE_MS = 80;
const IGNORED = /(^|[/\\])(node_modules|\.[^/\\]*)([/\\]|$)|~$/;

/** What a watch follows. */
export interface Watched {
  /** Folders that are followed with all below them: the functions', and those of components. */
  folders: readonly string[];
  /** Other files that went into the bundle. */
  files: readonly string[];
}

/**
 * Calls `reload` after each change of what is followed, never twice at once. A failure is told on stderr, and
 * what runs goes on. The returned function ends the watch, after a reload that is under way.
 * @param reload returns what to follow from then on
 */
export function watchApp(first: Watched, reload: () => Promise<Watched>): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> = Promise.resolve();
  const watchers = new Map<string, fs.FSWatcher>();
  const [name = ""] = first.folders;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => (work = work.then(run)), SETTLE_MS);
  };
  const follow = ({ folders, files }: Watched): void => {
    const isBelow = (file: string): boolean =>
      folders.some((folder) => file.startsWith(folder + path.sep)) || IGNORED.test(file);
    const outside = files.filter((file) => !isBelow(file));
    const parents = new Set(outside.map((file) => path.dirname(file)));
    // A file that is replaced as a whole is only seen by its folder.
    const wanted = new Map([
      ...[...parents].map((folder) => [folder, outside] as const),
      ...folders.map((folder) => [folder, null] as const),
    ]);
    for (const [folder, watcher] of watchers) {
      if (wanted.has(folder) && folders.includes(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const [folder, only] of wanted) {
      if (watchers.has(folder)) continue;
      const watcher = fs.watch(folder, { recursive: only === null }, (_event, file) => {
        const isOther = only !== null && file !== null && !only.includes(path.join(folder, file));
        if (!isOther && (file === null || !IGNORED.test(file))) changed();
      });
      watcher.on("error", (error) => {
        process.stderr.write(`${folder} is no longer watched: ${error.message}\n`);
      });
      watchers.set(folder, watcher);
    }
  };
  let followed = first;
  const run = async (): Promise<void> => {
    const startedMs = performance.now();
    try {
      followed = await reload();
      follow(followed);
      process.stderr.write(`reloaded ${name} in ${Math.round(performance.now() - startedMs)} ms\n`);
    } catch (error) {
      process.stderr.write(`not reloaded: ${error instanceof Error ? error.message : String(error)}\n`);
      // What is new may be what is wrong: it is mended where nothing was followed so far.
      if (error instanceof AppError)
        follow({
          ...followed,
          files: [...followed.files, ...error.files.filter((file) => fs.existsSync(file))],
        });
    }
  };
  follow(first);
  return async () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
    await work;
  };
}
