import fs from "node:fs/promises";
import path from "node:path";
import { DEFINITION_KINDS, definitionPath, definitionSource } from "#domain/definitions.ts";
import {
  KEY_FIELDS,
  nameKey,
  PLURALS,
  PROJECT_KINDS,
  type ProjectKind,
  type ProjectName,
} from "#domain/project/kinds.ts";
import { isProjectFile } from "#domain/project/schemas.ts";
import { type Base, writeBase } from "./base.ts";
import { type Local, sha256 } from "./local.ts";
import { MODULE_TYPES } from "./module-types.ts";
import { CliError, EXIT } from "./options.ts";
import { baseOf, type Call, checkPlace, readFolder, type Report } from "./project.ts";
import { makeInside, removeInside, writeInside } from "./write.ts";

type Pulled = Awaited<ReturnType<Call["remote"]["pull"]>>;

interface Theirs extends ProjectName {
  hash: string;
  value: Record<string, unknown>;
}

/** What was pulled, read. @throws CliError for a file that lies nowhere it may */
function theirsOf(pulled: Pulled): Theirs[] {
  return PROJECT_KINDS.flatMap((kind) =>
    pulled[PLURALS[kind]].map((text) => {
      const value = JSON.parse(text) as Record<string, unknown>;
      const slug = String(value[KEY_FIELDS[kind]]);
      if (kind === "file" && !isProjectFile(slug)) throw new CliError(`The answer names a file at ${slug}.`);
      return { kind, slug, value, hash: sha256(text) };
    }),
  );
}

const definitionKind = (kind: ProjectKind) => DEFINITION_KINDS.find((one) => one.kind === kind);

/** A file's content, as a pull writes it. */
function sourceOf({ kind, value }: Theirs): string {
  const known = definitionKind(kind);
  return known ? definitionSource(known, value) : String(value.text);
}

/** A name that no other file has; two definitions whose keys make the same one get a number. */
function freeName({ kind, slug }: ProjectName, taken: ReadonlySet<string>): string {
  const known = definitionKind(kind);
  if (!known) return slug;
  const base = definitionPath(known, slug);
  let name = base;
  for (let n = 2; taken.has(name); n++) name = base.replace(/\.ts$/, `-${n}.ts`);
  return name;
}

async function textIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

interface Plan {
  /** Files to write, with their text. */
  writes: Map<string, string>;
  removes: string[];
  created: string[];
  updated: string[];
  deleted: string[];
  unchanged: string[];
  /** Changed here, and not there: they stay. */
  ahead: string[];
  conflicts: string[];
  entries: Base["entries"];
}

interface Sides {
  folder: string;
  local: ReadonlyMap<string, Local>;
  base: Base | null;
  theirs: Theirs[];
  force: boolean;
}

async function planOf({ folder, local, base, theirs, force }: Sides): Promise<Plan> {
  const plan: Plan = {
    writes: new Map(),
    removes: [],
    created: [],
    updated: [],
    deleted: [],
    unchanged: [],
    ahead: [],
    conflicts: [],
    entries: [],
  };
  const before = new Map(base?.entries.map((entry) => [nameKey(entry), entry]));
  const taken = new Set([...local.values()].map(({ file }) => file));
  for (const one of theirs.toSorted((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1))) {
    const mine = local.get(nameKey(one));
    const was = before.get(nameKey(one));
    const file = mine?.file ?? freeName(one, taken);
    taken.add(file);
    const source = sourceOf(one);
    const there = mine ? undefined : await textIfThere(path.join(folder, file));
    plan.entries.push({ kind: one.kind, slug: one.slug, hash: one.hash, file });
    if (mine ? mine.hash === one.hash : there === source) plan.unchanged.push(file);
    else if (!mine && there === undefined) {
      // What was deleted here, and is there as it was, is for a push to delete.
      if (was?.hash === one.hash && !force) plan.ahead.push(file);
      else {
        plan.created.push(file);
        plan.writes.set(file, source);
      }
    } else if (force || (mine && was?.hash === mine.hash)) {
      plan.updated.push(file);
      plan.writes.set(file, source);
    } else if (mine && was?.hash === one.hash) plan.ahead.push(file);
    else plan.conflicts.push(file);
  }
  const named = new Set(theirs.map(nameKey));
  for (const [key, mine] of local) {
    const was = before.get(key);
    // What was never there is new here.
    if (named.has(key) || !was) continue;
    if (force || was.hash === mine.hash) {
      plan.deleted.push(mine.file);
      plan.removes.push(mine.file);
    } else plan.conflicts.push(mine.file);
  }
  return plan;
}

async function carryOut(folder: string, { writes, removes }: Plan): Promise<void> {
  for (const { folder: name } of DEFINITION_KINDS) await makeInside(folder, name);
  await writeInside(folder, ".struere/struere.d.ts", MODULE_TYPES);
  for (const [name, text] of writes) await writeInside(folder, name, text);
  for (const name of removes) await removeInside(folder, name);
}

/**
 * Writes the environment's definitions into their files. What was changed here alone stays; what was changed on both
 * sides is only replaced with `force`, and where there is any, nothing at all is written.
 * @throws CliError
 */
export async function pull(call: Call): Promise<Report> {
  const { folder, remote, force, dryRun } = call;
  const pulled = await remote.pull();
  await checkPlace(call, pulled);
  const theirs = theirsOf(pulled);
  const base = await baseOf(folder, pulled);
  const local = await readFolder(folder);
  const plan = await planOf({ folder, local: local.found, base, theirs, force });
  const isStopped = plan.conflicts.length > 0;
  if (!isStopped && !dryRun) {
    await carryOut(folder, plan);
    // What was just written is known without reading it again.
    const read = { ...local.read };
    for (const { kind, slug, file } of plan.entries) {
      const text = plan.writes.get(file);
      const one = theirs.find((other) => other.kind === kind && other.slug === slug);
      if (text !== undefined && one && kind !== "file")
        read[file] = { sources: { [file]: sha256(text) }, json: JSON.stringify(one.value) };
    }
    const { id: organizationId } = pulled.organization;
    const { environment, revision } = pulled;
    await writeBase(folder, {
      version: 1,
      organizationId,
      environment,
      revision,
      entries: plan.entries,
      read,
    });
  }
  const { writes: _, removes: __, entries: ___, ...told } = plan;
  return {
    lines: linesOf(plan, pulled.environment, dryRun),
    exitCode: isStopped ? EXIT.conflict : 0,
    json: { environment: pulled.environment, revision: pulled.revision, ...told },
  };
}

function linesOf(
  { created, updated, deleted, unchanged, ahead, conflicts }: Plan,
  environment: string,
  dryRun: boolean,
): string[] {
  if (conflicts.length > 0)
    return [
      `${conflicts.length} of the files were changed here, and there too or never pulled, so nothing was written:`,
      ...conflicts.map((name) => `  ${name}`),
      "Pull with --force to replace them.",
    ];
  const verb = dryRun ? "would be" : "were";
  return [
    ...created.map((name) => `+ ${name}`),
    ...updated.map((name) => `~ ${name}`),
    ...deleted.map((name) => `- ${name}`),
    ...(ahead.length > 0 ? [`${ahead.length} changed here alone stay as they are.`] : []),
    `${created.length} files ${verb} written, ${updated.length} replaced, ${unchanged.length} were up to date (${environment}).`,
  ];
}
