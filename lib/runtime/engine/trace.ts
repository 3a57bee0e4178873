import fs from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";

/** Where bundled modules were loaded from; what is above such a frame is the app's, all else is not. */
const folders: string[] = [];
const maps = new Map<string, SourceMap | null>();
const FRAME = /^\s+at (?:(async )?(.*?) \()?(async )?(file:\/\/[^\s)]+):(\d+):(\d+)\)?$/;
const MAP = /\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;
/** The platform's own part of a call, which tells an app's developer nothing. */
const PLATFORM = /(^|\/)node_modules\/convex\//;

/** Has frames of the modules in this folder count as the app's own. */
export function traceBelow(folder: string): void {
  // Old bundles are deleted; few are in use at a time.
  maps.clear();
  if (!folders.includes(folder)) folders.push(folder);
}

/** The map at the end of a bundled file, read when an error needs it. */
function mapOf(file: string): SourceMap | null {
  const known = maps.get(file);
  if (known !== undefined) return known;
  let map: SourceMap | null = null;
  try {
    const [, text] = MAP.exec(fs.readFileSync(file, "utf8")) ?? [];
    const json = text === undefined ? null : Buffer.from(text, "base64").toString("utf8");
    map = json === null ? null : new SourceMap(JSON.parse(json) as SourceMapPayload);
  } catch {
    // Deleted with an older bundle: the error goes without its frames.
  }
  maps.set(file, map);
  return map;
}

/** One frame as the platform shows it, `    at name (../convex/file.ts:line:column)`; null for what is not the app's. */
function frameOf(line: string): string | null {
  const [, isAsync, name, isBareAsync, url = "", at, column] = FRAME.exec(line) ?? [];
  if (url === "") return null;
  const file = fileURLToPath(url);
  if (!folders.some((folder) => file.startsWith(folder))) return null;
  const entry = mapOf(file)?.findEntry(Number(at) - 1, Number(column) - 1);
  if (!entry || !("originalSource" in entry) || PLATFORM.test(entry.originalSource)) return null;
  const { originalSource, originalLine, originalColumn } = entry;
  const called = `${(isAsync ?? isBareAsync) ? "async " : ""}${name ?? "<anonymous>"}`;
  return `    at ${called} (${originalSource}:${originalLine + 1}:${originalColumn})`;
}

/** The frames of the app's own source that an error came through, one a line; "" if there are none. */
export function appFrames(error: Error): string {
  if (folders.length === 0) return "";
  const frames = (error.stack ?? "").split("\n").map(frameOf);
  return frames.filter((frame) => frame !== null).join("\n");
}

/** An error for the log: its words with the app's own frames, or with all of them if it has none. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = appFrames(error);
  return frames === "" ? (error.stack ?? String(error)) : `${error.name}: ${error.message}\n${frames}`;
}
