import fs from "node:fs";
import { DEFINITION_KINDS } from "#domain/definitions.ts";
import { FILE_FOLDERS } from "#domain/project/kinds.ts";
import { CliError, EXIT } from "./options.ts";
import type { Call, Report } from "./project.ts";
import { push } from "./push.ts";

/** Between a file's save and its push: editors write in several steps. */
const QUIET_MS = 300;
const WATCHED = new Set<string>([...DEFINITION_KINDS.map(({ folder }) => folder), ...FILE_FOLDERS]);

/**
 * Pushes each time something is saved, until it is interrupted. It asks nothing, and deletes nothing.
 * @throws CliError for any environment but development
 */
export async function dev(call: Call): Promise<Report> {
  const { environment } = await call.remote.state();
  if (environment !== "development")
    throw new CliError(`This key is for ${environment}; dev pushes to development alone.`, EXIT.access);
  const saved = { ...call, confirm: undefined, delete: false, dryRun: false };
  const once = async () => {
    try {
      for (const line of (await push(saved)).lines) call.say(line);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      call.say(error.message);
    }
  };
  await once();
  call.say("Watching for changes. Ctrl-C ends it.");
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const watcher = fs.watch(call.folder, { recursive: true }, (_event, name) => {
    if (!name || !WATCHED.has(name.split(/[/\\]/)[0]!)) return;
    clearTimeout(timer);
    // One after the other: a push that is under way finds its own revision.
    timer = setTimeout(() => (running = running.then(once)), QUIET_MS);
  });
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  clearTimeout(timer);
  watcher.close();
  await running;
  return { exitCode: 0, lines: [], json: {} };
}
