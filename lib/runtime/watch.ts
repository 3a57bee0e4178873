import fs from "node:fs";

/** Editors write a file in several steps; what comes within this time is one change. */
const SETTLE_MS = 80;
const IGNORED = /(^|[/\\])(node_modules|\.[^/\\]*)([/\\]|$)|~$/;

/**
 * Calls `reload` after each change of a folder, never twice at once. A failure is told on stderr, and what
 * runs goes on. The returned function ends the watch, after a reload that is under way.
 */
export function watchApp(dir: string, reload: () => Promise<void>): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    const startedMs = performance.now();
    try {
      await reload();
      process.stderr.write(`reloaded ${dir} in ${Math.round(performance.now() - startedMs)} ms\n`);
    } catch (error) {
      process.stderr.write(`not reloaded: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  };
  const watcher = fs.watch(dir, { recursive: true }, (_event, file) => {
    if (file !== null && IGNORED.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => (work = work.then(run)), SETTLE_MS);
  });
  watcher.on("error", (error) => {
    process.stderr.write(`the folder is no longer watched: ${error.message}\n`);
  });
  return async () => {
    clearTimeout(timer);
    watcher.close();
    await work;
  };
}
