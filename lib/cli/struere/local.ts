import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { DEFINITION_KINDS } from "#domain/definitions.ts";
import { checkText } from "#domain/project/check.ts";
import {
  FILE_FOLDERS,
  KEY_FIELDS,
  nameKey,
  nameText,
  type ProjectKind,
  type ProjectName,
} from "#domain/project/kinds.ts";
import { isProjectFile } from "#domain/project/schemas.ts";
import type { Base } from "./base.ts";
import { evaluate, EVALUATION_LIMITS, type EvaluationLimits } from "./evaluate.ts";
import { literalDefinition } from "./literal.ts";
import { positionsIn } from "./positions.ts";

/** A definition or file of the folder. */
export interface Local extends ProjectName {
  file: string;
  /** As JSON text. */
  text: string;
  hash: string;
  value: Record<string, unknown>;
}

/** What is wrong with a file. */
export interface FileFault {
  file: string;
  line?: number;
  column?: number;
  /** Where in the definition. */
  path?: string;
  message: string;
}

export interface LocalProject {
  found: Map<string, Local>;
  faults: FileFault[];
  read: Base["read"];
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A fault as compilers write it, so that editors and terminals link to it. */
export const faultLine = ({ file, line, column, path: at, message }: FileFault): string =>
  `${file}${line === undefined ? "" : `:${line}:${column}`}: ${at ? `${at}: ` : ""}${message}`;

const MAX_FILE_BYTES = 1_000_000;
const MAX_DEPTH = 10;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/*
 * Files are read one after the other: of small ones, each takes less than to wait for it would.
 */

/** What a folder has; nothing where there is none. */
function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Regular files below a folder, by their paths from the project, sorted. Links are not followed. */
function filesBelow(root: string, folder: string, depth = 0): string[] {
  const entries = entriesOf(path.join(root, folder));
  const found: string[] = [];
  for (const entry of entries) {
    const name = `${folder}/${entry.name}`;
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isFile()) found.push(name);
    else if (entry.isDirectory() && depth < MAX_DEPTH) found.push(...filesBelow(root, name, depth + 1));
  }
  return found.toSorted();
}

/** A text file of the project. @throws Error with a sentence */
function readSource(root: string, name: string): string {
  const file = path.join(root, name);
  const { size } = fs.statSync(file);
  if (size > MAX_FILE_BYTES) throw new Error(`It has ${size} bytes; ${MAX_FILE_BYTES} is the most.`);
  const bytes = fs.readFileSync(file);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error("It isn't text (UTF-8).");
  }
}

/** Where a path leads, links followed; null where that is nowhere. */
function targetOf(file: string): string | null {
  try {
    return fs.realpathSync(file);
  } catch {
    return null;
  }
}

/** What a file of the project imports: another one of it, and no package. */
function importer(root: string) {
  return async (from: string, specifier: string): Promise<{ file: string; source: string }> => {
    if (!/^\.\.?\//.test(specifier))
      throw new Error(`Only "struere" and files of the project can be imported, not "${specifier}".`);
    const base = path.posix.join(path.posix.dirname(from), specifier);
    if (base.startsWith("..")) throw new Error(`"${specifier}" lies outside of the project.`);
    const real = fs.realpathSync(root);
    for (const name of [base, base.replace(/\.js$/, ".ts"), `${base}.ts`, `${base}.js`, `${base}/index.ts`]) {
      const target = targetOf(path.join(root, name));
      if (!target || !/\.(ts|js|mjs|json)$/.test(target)) continue;
      if (!target.startsWith(`${real}${path.sep}`))
        throw new Error(`"${specifier}" lies outside of the project.`);
      return { file: name, source: readSource(root, name) };
    }
    throw new Error(`"${specifier}" isn't there.`);
  };
}

const isDefinition = (name: string) =>
  name.endsWith(".ts") && !name.endsWith(".d.ts") && !/(^|\/)index\.ts$/.test(name);

/** True where nothing that a file was made of has changed since it was read. */
function isAsRead(root: string, known: Base["read"][string], own: string, file: string): boolean {
  return Object.entries(known.sources).every(
    ([name, hash]) => sha256(name === file ? own : sourceOr(root, name, "")) === hash,
  );
}

/** A file's text, or another one where it can't be read. */
export function sourceOr(root: string, name: string, other: string): string {
  try {
    return readSource(root, name);
  } catch {
    return other;
  }
}

/**
 * Reads everything of a project's folder. What can't be read is a fault, and the rest is read all the same.
 * @param known how files were read before: one that has not changed is not read again
 */
export async function readLocal(
  root: string,
  known: Base["read"] = {},
  limits: EvaluationLimits = EVALUATION_LIMITS,
): Promise<LocalProject> {
  const faults: FileFault[] = [];
  const read: Base["read"] = {};
  const found = new Map<string, Local>();
  const take = (kind: ProjectKind, file: string, text: string, source?: string) => {
    const checked = checkText(kind, text);
    if (!checked.ok) {
      delete read[file];
      const positionOf = source === undefined ? () => undefined : positionsIn(source);
      faults.push(
        ...checked.faults.map(({ path: at, message }) => ({ file, ...positionOf(at), path: at, message })),
      );
      return;
    }
    keep(checked.name, { file, value: checked.value, text: checked.text });
  };
  const keep = (name: ProjectName, { file, value, text }: Pick<Local, "file" | "value" | "text">) => {
    const other = found.get(nameKey(name));
    if (other) faults.push({ file, message: `${nameText(name)} is in ${other.file} already.` });
    else found.set(nameKey(name), { ...name, file, value, text, hash: sha256(text) });
  };
  /** What was checked when it was remembered, by this very version. */
  const takeKnown = (kind: ProjectKind, file: string, text: string) => {
    const value = JSON.parse(text) as Record<string, unknown>;
    keep({ kind, slug: String(value[KEY_FIELDS[kind]]) }, { file, value, text });
  };
  const jobs: { kind: ProjectKind; file: string; source: string }[] = [];
  for (const { kind, folder } of DEFINITION_KINDS)
    for (const file of filesBelow(root, folder).filter(isDefinition))
      try {
        const source = readSource(root, file);
        const before = known[file];
        if (before && isAsRead(root, before, source, file)) {
          read[file] = before;
          takeKnown(kind, file, before.json);
          continue;
        }
        const json = literalDefinition(source);
        if (json === undefined || json.length > limits.maxChars) jobs.push({ kind, file, source });
        else {
          read[file] = { sources: { [file]: sha256(source) }, json };
          take(kind, file, json, source);
        }
      } catch (error) {
        faults.push({ file, message: (error as Error).message });
      }
  const importing = importer(root);
  const results = await evaluate(jobs, importing, limits);
  for (const [index, result] of results.entries()) {
    const { kind, file, source } = jobs[index]!;
    if (!result.ok) {
      const { at, path: part, message } = result;
      const place = at ?? (part === undefined ? undefined : positionsIn(source)(part));
      faults.push({ file: at?.file ?? file, line: place?.line, column: place?.column, message });
      continue;
    }
    const sources: Record<string, string> = { [file]: sha256(source) };
    for (const name of result.imports) sources[name] = sha256(sourceOr(root, name, ""));
    read[file] = { sources, json: result.json };
    take(kind, file, result.json, source);
  }
  for (const folder of FILE_FOLDERS)
    for (const file of filesBelow(root, folder))
      try {
        if (!isProjectFile(file)) throw new Error("Its name can't be kept: use plain names, without colons.");
        take("file", file, JSON.stringify({ path: file, text: readSource(root, file) }));
      } catch (error) {
        faults.push({ file, message: (error as Error).message });
      }
  return { found, faults, read };
}
