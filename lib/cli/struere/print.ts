import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { KNOWN_HASH_CHARS, WORKSPACE_LIMITS } from "#domain/project/workspace.ts";
import { readBase } from "./base.ts";
import { type FileFault, readLocal } from "./local.ts";
import type { Call, Report } from "./project.ts";

/** The beginnings of hashes, with spaces between, of definitions whose text is known to who asks. */
const KNOWN_VARIABLE = "STRUERE_KNOWN";

const { faults: maxFaults, messageChars, pathChars, fileChars } = WORKSPACE_LIMITS;

/** A problem within the bounds of one look. */
const bounded = ({ file, path, message, ...place }: FileFault): FileFault => ({
  file: file.slice(0, fileChars),
  ...place,
  ...(path !== undefined && { path: path.slice(0, pathChars) }),
  message: message.slice(0, messageChars),
});

/**
 * Prints everything of a folder as JSON, for programs: definitions with their hash and text, and what can't be read. It
 * asks nobody, and writes nothing: what it wrote would count as changed by hand.
 */
export async function print({ folder }: Pick<Call, "folder">, known: string | undefined): Promise<Report> {
  const base = await readBase(folder);
  const { found, faults } = await readLocal(folder, base?.read);
  const told = new Set(known?.split(" "));
  const definitions = [];
  const problems = faults.map(bounded);
  let bytes = 0;
  for (const { kind, slug, file, hash, text } of found.values()) {
    const isKnown = told.has(hash.slice(0, KNOWN_HASH_CHARS));
    if (!isKnown) bytes += Buffer.byteLength(text);
    if (definitions.length >= PROJECT_LIMITS.definitions || bytes > PROJECT_LIMITS.projectBytes) {
      problems.push({ file, message: "There's no room for it: an environment holds no more than this." });
      continue;
    }
    definitions.push({ kind, slug, file: file.slice(0, fileChars), hash, ...(!isKnown && { text }) });
  }
  return {
    exitCode: 0,
    lines: [
      ...definitions.map(({ file }) => file),
      ...problems.map(({ file, message }) => `! ${file}: ${message}`),
    ],
    json: {
      revision: base?.revision ?? null,
      definitions,
      faults: problems.slice(0, maxFaults),
    },
  };
}

/** What is known, as the environment says. */
export const knownHashes = (environment: NodeJS.ProcessEnv): string | undefined =>
  environment[KNOWN_VARIABLE];
