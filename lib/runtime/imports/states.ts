import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LAST_IMPORT } from "./last-import.ts";

/** How far an import has come, in the words of `npx convex import` (convex 1.48.0, src/cli/lib/convexImport.ts). */
export type ImportState =
  | { state: "uploaded" }
  | { state: "waiting_for_confirmation"; message_to_confirm: string; require_manual_confirmation: boolean }
  | { state: "in_progress"; progress_message: string; checkpoint_messages: string[] }
  | { state: "completed"; num_rows_written: number }
  | { state: "failed"; error_message: string };

const ID = /^[0-9a-f]{32}$/;
const KEEP_MS = 86_400_000;

const fileOf = (folder: string, id: string): string => path.join(folder, `${id}.json`);

/** Null if there is no such import. */
export function readState(folder: string, id: string): ImportState | null {
  const file = fileOf(folder, id);
  if (!ID.test(id) || !fs.existsSync(file)) return null;
  return JSON.parse(fs.readFileSync(file, "utf8")) as ImportState;
}

export function writeState(folder: string, id: string, state: ImportState): void {
  const file = fileOf(folder, id);
  fs.writeFileSync(`${file}.partial`, JSON.stringify(state), { mode: 0o600, flush: true });
  fs.renameSync(`${file}.partial`, file);
}

/** The states of the imports of the last day. */
export function listStates(folder: string): ImportState[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).flatMap((name) => {
    const [, id] = /^([0-9a-f]{32})\.json$/.exec(name) ?? [];
    const state = id === undefined ? null : readState(folder, id);
    return state ? [state] : [];
  });
}

/** Settles what a crash has cut short. To be called while nothing is imported. */
export function settleImports(folder: string, database: string): void {
  for (const id of filesIn(folder).keys()) {
    if (readState(folder, id)?.state !== "in_progress") continue;
    const written = writtenBy(id, database);
    writeState(
      folder,
      id,
      written === null
        ? { state: "failed", error_message: "The import was interrupted; nothing was changed." }
        : { state: "completed", num_rows_written: written },
    );
  }
}

/** Removes uploads and states that nobody will ask for. */
export function tidyImports(folder: string, nowMs: number): void {
  for (const [id, files] of filesIn(folder)) {
    const state = readState(folder, id)?.state;
    if (state === "in_progress") continue;
    const isOver = state === "completed" || state === "failed";
    // An upload and its state go together.
    const newestMs = Math.max(...files.map((file) => fs.statSync(file).mtimeMs));
    for (const file of files) {
      if (nowMs - newestMs > KEEP_MS || (isOver && !file.endsWith(".json")))
        fs.rmSync(file, { recursive: true, force: true });
    }
  }
}

/** What is kept of each import, by its id. */
function filesIn(folder: string): Map<string, string[]> {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return Map.groupBy(
    names.map((name) => path.join(folder, name)),
    (file) => path.basename(file).split(".")[0] ?? "",
  );
}

/** How many documents an import has written, if it is the one that the data had last. */
export function writtenBy(id: string, database: string): number | null {
  if (!fs.existsSync(database)) return null;
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    const row = db.prepare("SELECT value FROM meta WHERE name = ?").get(LAST_IMPORT);
    const last = JSON.parse((row?.["value"] as string | undefined) ?? "{}") as {
      id?: string;
      written?: number;
    };
    return last.id === id ? (last.written ?? 0) : null;
  } finally {
    db.close();
  }
}
