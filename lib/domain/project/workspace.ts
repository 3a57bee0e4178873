import { z } from "zod";
import type { Limit } from "../limits.ts";
import { DEFINITION_KINDS, definitionPath } from "../definitions.ts";
import { FILE_FOLDERS, nameKey, PROJECT_KINDS, type ProjectName } from "./kinds.ts";
import { PROJECT_LIMITS } from "./limits.ts";

/** The bounds of what a session's workspace is said to hold. */
export const WORKSPACE_LIMITS = {
  /** Problems that are kept of one look. */
  faults: 100,
  messageChars: 500,
  pathChars: 300,
  /** Characters of a file's path. */
  fileChars: 300,
  /** Bytes of all that is kept of one look, beside the texts: it stands in one row. */
  listedBytes: 600_000,
  /** Definitions that one request names. */
  chosen: PROJECT_LIMITS.definitions,
  /** Files that one request writes into a sandbox. */
  discarded: PROJECT_LIMITS.discarded,
} as const;

/** Definitions of a workspace as a person saw them, in a request. */
export const CHOSEN_LIMIT: Limit = {
  kind: "list",
  of: {
    kind: "fields",
    fields: {
      kind: { kind: "text", min: 1, max: 20 },
      slug: { kind: "text", min: 1, max: PROJECT_LIMITS.keyChars },
      seen: { kind: "text", min: 64, max: 64 },
    },
  },
  min: 1,
  max: WORKSPACE_LIMITS.chosen,
};

/** Characters of what a person tells the agent about a change. */
export const MAX_COMMENT_CHARS = 4_000;

const { fileChars, messageChars, pathChars } = WORKSPACE_LIMITS;
const place = z.number().int().min(0).max(10_000_000);

/** What is wrong with a file of a workspace. */
export const workspaceFault = z.object({
  file: z.string().max(fileChars),
  line: place.optional(),
  column: place.optional(),
  /** Where in the definition. */
  path: z.string().max(pathChars).optional(),
  message: z.string().max(messageChars),
});
export type WorkspaceFault = z.output<typeof workspaceFault>;

/** Characters of a hash that name a text which who asks knows. */
export const KNOWN_HASH_CHARS = 32;

/**
 * What `struere print --json` says of a folder. It comes from a sandbox, so all of it may be a lie: texts are checked
 * and hashed again, and the revision only says what to compare with.
 */
export const printedProject = z.object({
  success: z.literal(true),
  /** What was pulled last; null where that is not known there. */
  revision: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  definitions: z
    .array(
      z.object({
        kind: z.enum(PROJECT_KINDS),
        slug: z.string().min(1).max(PROJECT_LIMITS.keyChars),
        file: z.string().max(fileChars),
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        /** JSON text; left out where the asker has said that it knows the hash. */
        text: z.string().max(PROJECT_LIMITS.definitionBytes).optional(),
      }),
    )
    .max(PROJECT_LIMITS.definitions),
  faults: z.array(workspaceFault).max(WORKSPACE_LIMITS.faults),
});
export type PrintedProject = z.output<typeof printedProject>;

/** True for a path that a definition or a file of the project can have: below its folder, and nowhere else. */
export function isProjectPath(file: string): boolean {
  const [folder, ...rest] = file.split("/");
  const isFolder =
    DEFINITION_KINDS.some((one) => one.folder === folder) || FILE_FOLDERS.some((one) => one === folder);
  return (
    isFolder &&
    rest.length > 0 &&
    rest.length <= 10 &&
    file.length <= fileChars &&
    rest.every((part) => part !== "" && !part.startsWith(".") && !/[\p{Cc}\\]/u.test(part))
  );
}

/** What became of a definition in a workspace since it was pulled. */
export const WORKSPACE_CHANGES = ["created", "updated", "deleted"] as const;
export type WorkspaceChange = (typeof WORKSPACE_CHANGES)[number];

/** One definition that a workspace has otherwise than the revision that was pulled. */
export interface ChangedDefinition extends ProjectName {
  change: WorkspaceChange;
  file: string;
  /** Of its JSON text there; null where it is deleted. */
  hash: string | null;
}

type Known = ProjectName & { hash: string };

/** The file that a definition has where nobody says otherwise. */
export function usualFile({ kind, slug }: ProjectName): string {
  const known = DEFINITION_KINDS.find((one) => one.kind === kind);
  return known ? definitionPath(known, slug) : slug;
}

/**
 * What is different in a workspace. A definition that is missing while a file of its folder can't be read may be in that
 * file, so it doesn't count as deleted before that is mended.
 * @param base what was pulled
 * @param now what the environment has: what is there already is no change any more
 */
export function workspaceChanges(
  found: readonly (Known & { file: string })[],
  base: readonly Known[],
  now: readonly Known[],
  faults: readonly Pick<WorkspaceFault, "file">[],
): ChangedDefinition[] {
  const pulled = new Map(base.map((one) => [nameKey(one), one.hash]));
  const there = new Map(now.map((one) => [nameKey(one), one.hash]));
  const here = new Set(found.map(nameKey));
  const broken = new Set(faults.flatMap(({ file }) => [file, file.split("/")[0]]));
  const changed: ChangedDefinition[] = found
    .filter((one) => pulled.get(nameKey(one)) !== one.hash && there.get(nameKey(one)) !== one.hash)
    .map(({ kind, slug, file, hash }) => ({
      kind,
      slug,
      file,
      hash,
      change: pulled.has(nameKey({ kind, slug })) ? "updated" : "created",
    }));
  for (const { kind, slug } of base) {
    const name = { kind, slug };
    const file = usualFile(name);
    const isBroken = broken.has(kind === "file" ? file : file.split("/")[0]);
    if (here.has(nameKey(name)) || !there.has(nameKey(name)) || isBroken) continue;
    changed.push({ ...name, file, hash: null, change: "deleted" });
  }
  return changed.toSorted((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1));
}
