import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { DEFINITION_KINDS } from "#domain/definitions.ts";
import { checkText } from "#domain/project/check.ts";
import {
  FILE_FOLDERS,
  nameKey,
  nameText,
  type ProjectKind,
  type ProjectName,
} from "#domain/project/kinds.ts";
import { isProjectFile } from "#domain/project/schemas.ts";
import type { Base } from "./base.ts";
import { evaluate, EVALUATION_LIMITS, type EvaluationLimits } from "./evaluate.ts";

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

/** Regular files below a folder, by their paths from the project, sorted. Links are not followed. */
async function filesBelow(root: string, folder: string, depth = 0): Promise<string[]> {
  const entries = await fs.readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const name = `${folder}/${entry.name}`;
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isFile()) found.push(name);
    else if (entry.isDirectory() && depth < MAX_DEPTH)
      found.push(...(await filesBelow(root, name, depth + 1)));
  }
  return found.toSorted();
}

/** A text file of the project. @throws Error with a sentence */
async function readSource(root: string, name: string): Promise<string> {
  const file = path.join(root, name);
  const { size } = await fs.stat(file);
  if (size > MAX_FILE_BYTES) throw new Error(`It has ${size} bytes; ${MAX_FILE_BYTES} is the most.`);
  const bytes = await fs.readFile(file);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error("It isn't text (UTF-8).");
  }
}

/** What a file of the project imports: another one of it, and no package. */
function importer(root: string) {
  return async (from: string, specifier: string): Promise<{ file: string; source: string }> => {
    if (!/^\.\.?\//.test(specifier))
      throw new Error(`Only "struere" and files of the project can be imported, not "${specifier}".`);
    const base = path.posix.join(path.posix.dirname(from), specifier);
    if (base.startsWith("..")) throw new Error(`"${specifier}" lies outside of the project.`);
    const real = await fs.realpath(root);
    for (const name of [base, base.replace(/\.js$/, ".ts"), `${base}.ts`, `${base}.js`, `${base}/index.ts`]) {
      const target = await fs.realpath(path.join(root, name)).catch(() => null);
      if (!target || !/\.(ts|js|mjs|json)$/.test(target)) continue;
      if (!target.startsWith(`${real}${path.sep}`))
        throw new Error(`"${specifier}" lies outside of the project.`);
      return { file: name, source: await readSource(root, name) };
    }
    throw new Error(`"${specifier}" isn't there.`);
  };
}

const isDefinition = (name: string) =>
  name.endsWith(".ts") && !name.endsWith(".d.ts") && !/(^|\/)index\.ts$/.test(name);

/** True where nothing that a file was made of has changed since it was read. */
async function isAsRead(
  root: string,
  known: Base["read"][string],
  own: string,
  file: string,
): Promise<boolean> {
  for (const [name, hash] of Object.entries(known.sources)) {
    const source = name === file ? own : await readSource(root, name).catch(() => null);
    if (source === null || sha256(source) !== hash) return false;
  }
  return true;
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
  const take = (kind: ProjectKind, file: string, text: string) => {
    const checked = checkText(kind, text);
    if (!checked.ok) {
      faults.push(...checked.faults.map(({ path: at, message }) => ({ file, path: at, message })));
      return;
    }
    const { name, value } = checked;
    const other = found.get(nameKey(name));
    if (other) faults.push({ file, message: `${nameText(name)} is in ${other.file} already.` });
    else found.set(nameKey(name), { ...name, file, value, text: checked.text, hash: sha256(checked.text) });
  };
  const jobs: { kind: ProjectKind; file: string; source: string }[] = [];
  for (const { kind, folder } of DEFINITION_KINDS)
    for (const file of (await filesBelow(root, folder)).filter(isDefinition))
      try {
        const source = await readSource(root, file);
        const before = known[file];
        if (before && (await isAsRead(root, before, source, file))) {
          read[file] = before;
          take(kind, file, before.json);
        } else jobs.push({ kind, file, source });
      } catch (error) {
        faults.push({ file, message: (error as Error).message });
      }
  const importing = importer(root);
  const results = await evaluate(jobs, importing, limits);
  for (const [index, result] of results.entries()) {
    const { kind, file, source } = jobs[index]!;
    if (!result.ok) {
      const { at, message } = result;
      faults.push({ ...(at ? { file: at.file, line: at.line, column: at.column } : { file }), message });
      continue;
    }
    const sources: Record<string, string> = { [file]: sha256(source) };
    for (const name of result.imports) sources[name] = sha256(await readSource(root, name).catch(() => ""));
    read[file] = { sources, json: result.json };
    take(kind, file, result.json);
  }
  for (const folder of FILE_FOLDERS)
    for (const file of await filesBelow(root, folder))
      try {
        if (!isProjectFile(file)) throw new Error("Its name can't be kept: use plain names, without colons.");
        take("file", file, JSON.stringify({ path: file, text: await readSource(root, file) }));
      } catch (error) {
        faults.push({ file, message: (error as Error).message });
      }
  return { found, faults, read };
}
