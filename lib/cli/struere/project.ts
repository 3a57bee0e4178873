import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { nameKey, type ProjectName } from "#domain/project/kinds.ts";
import { type Base, readBase } from "./base.ts";
import { faultLine, type FileFault, type LocalProject, readLocal } from "./local.ts";
import { CliError, EXIT } from "./options.ts";
import type { Remote } from "./remote.ts";

/** What every command works with. */
export interface Call {
  /** The project's folder. */
  folder: string;
  remote: Remote;
  /** What `--env` says. */
  environment?: string | undefined;
  force: boolean;
  dryRun: boolean;
  delete: boolean;
  /** Asks whether to go on; undefined where nobody can be asked, or nobody wants to be. */
  confirm?: ((question: string) => Promise<boolean>) | undefined;
  say: (line: string) => void;
  /** Shows what is under way, on a terminal; null clears it. */
  progress?: ((text: string | null) => void) | undefined;
  /** validate: whether the project's own compiler may be run. */
  types?: boolean;
}

/** What a command did: `lines` for people, everything for `--json`. */
export interface Report {
  lines: string[];
  exitCode: number;
  json: object;
}

const projectFile = z.looseObject({
  version: z.literal("2.0"),
  organization: z.looseObject({ id: z.string().optional(), slug: z.string() }),
});

/** What struere.json says; null where there is none. @throws CliError where it is of another version, or not readable */
export async function readProjectFile(folder: string): Promise<z.output<typeof projectFile> | null> {
  const text = await fs.readFile(path.join(folder, "struere.json"), "utf8").catch(() => null);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError(`struere.json is not JSON: ${(error as Error).message}`);
  }
  const { version } = (value ?? {}) as { version?: unknown };
  if (version !== "2.0")
    throw new CliError(
      `struere.json has the version ${JSON.stringify(version ?? null)}; this command reads "2.0" alone.`,
    );
  const read = projectFile.safeParse(value);
  if (!read.success) throw new CliError("struere.json names no organization with its slug.");
  return read.data;
}

interface Told {
  organization: { id: string; slug: string; name: string };
  environment: string;
}

/** Looks whether a key is for what this folder and `--env` speak of. @throws CliError */
export async function checkPlace({ folder, environment }: Call, told: Told): Promise<void> {
  const own = (await readProjectFile(folder))?.organization;
  const isOther =
    own && (own.id === undefined ? own.slug !== told.organization.slug : own.id !== told.organization.id);
  if (isOther)
    throw new CliError(
      `This folder is the project of ${own.slug}, and the key is ${told.organization.slug}'s. Nothing was done.`,
      EXIT.access,
    );
  if (environment !== undefined && environment !== told.environment)
    throw new CliError(
      `The key is for ${told.environment}, not for ${environment}. Use a key of that environment.`,
      EXIT.access,
    );
}

/** What a folder remembers of this very environment. */
export async function baseOf(folder: string, { organization, environment }: Told): Promise<Base | null> {
  const base = await readBase(folder);
  return base?.organizationId === organization.id && base.environment === environment ? base : null;
}

export const readFolder = async (folder: string): Promise<LocalProject> =>
  await readLocal(folder, (await readBase(folder))?.read);

/** @throws CliError where files have problems */
export function refuseFaults(faults: readonly FileFault[], what: string): void {
  if (faults.length === 0) return;
  throw new CliError(
    [`${what}: these files have problems.`, ...faults.map((one) => `  ${faultLine(one)}`)].join("\n"),
    EXIT.problems,
    {
      faults,
    },
  );
}

export interface Difference {
  created: ProjectName[];
  updated: ProjectName[];
  /** There, and not here. */
  deleted: ProjectName[];
}

const nameOf = ({ kind, slug }: ProjectName): ProjectName => ({ kind, slug });

/** What a push would change, by hashes alone. */
export function differenceOf(
  here: ReadonlyMap<string, ProjectName & { hash: string }>,
  there: readonly (ProjectName & { hash: string })[],
): Difference {
  const known = new Map(there.map((entry) => [nameKey(entry), entry.hash]));
  const all = [...here.values()];
  return {
    created: all.filter((one) => !known.has(nameKey(one))).map(nameOf),
    updated: all.filter((one) => known.has(nameKey(one)) && known.get(nameKey(one)) !== one.hash).map(nameOf),
    deleted: there.filter((one) => !here.has(nameKey(one))).map(nameOf),
  };
}
