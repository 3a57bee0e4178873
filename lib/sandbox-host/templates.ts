import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { StartError } from "./errors.ts";

/** Inside paths that belong to the walls; a template puts its files elsewhere, such as below /opt. */
const RESERVED =
  /^\/(usr|bin|sbin|lib|lib32|lib64|libx32|proc|dev|sys|etc|home|root|tmp|run|var|workspace|envd)(\/|$)/;

const insidePath = z
  .string()
  .refine((p) => path.posix.isAbsolute(p) && path.posix.normalize(p) === p && p !== "/", {
    message: "must be an absolute, normalized path",
  });

const manifestSchema = z.strictObject({
  mounts: z
    .array(
      z.strictObject({
        source: z.string().min(1),
        target: insidePath.refine((p) => !RESERVED.test(p), {
          message: "lies in a folder that belongs to the system; use one below /opt",
        }),
      }),
    )
    .default([]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).default({}),
  path: z.array(insidePath).default([]),
  home: z.string().min(1).optional(),
  folders: z.array(insidePath).default([]),
});

/** What a sandbox starts from, with all host paths absolute and seen to exist. */
export interface Template {
  name: string;
  mounts: { source: string; target: string }[];
  env: Record<string, string>;
  /** Put before the system's PATH. */
  path: string[];
  /** Host folder whose contents every new /home/user starts with. */
  home: string | undefined;
  /** Folders made inside, owned by the user. */
  folders: string[];
  /** Host folder that every new /workspace starts as; a snapshot has one. */
  workspace?: string;
  /** The template below a snapshot. */
  base?: string;
  /** Of a snapshot: its folder, and whose its files are on disk. */
  below?: { folder: string; owner: number };
  /** Keeps a snapshot's files where they are; what it returns lets go of them. */
  hold?: () => () => void;
}

/** The system and nothing else. */
export const BASE_TEMPLATE: Template = {
  name: "base",
  mounts: [],
  env: {},
  path: [],
  home: undefined,
  folders: [],
};

/**
 * Reads `<folder>/template.json`; the format is in this folder's README.
 * @throws StartError if it is missing, malformed, or names files that do not exist.
 */
export function readTemplate(name: string, folder: string): Template {
  const file = path.join(folder, "template.json");
  const fail = (reason: string): never => {
    throw new StartError(`Template '${name}': ${reason}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    return fail(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) return fail(`${file}: ${z.prettifyError(parsed.error)}`);
  const existing = (given: string): string => {
    const absolute = path.resolve(folder, given);
    if (!fs.existsSync(absolute)) fail(`${absolute} does not exist.`);
    return absolute;
  };
  const { mounts, home, ...rest } = parsed.data;
  return {
    ...rest,
    name,
    mounts: mounts.map(({ source, target }) => ({ source: existing(source), target })),
    home: home === undefined ? undefined : existing(home),
  };
}
