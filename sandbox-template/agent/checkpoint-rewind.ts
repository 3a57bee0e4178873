import fs from "node:fs";
import path from "node:path";
import { isBelow, RULES, skippedIn } from "#domain/checkpoint-rules.ts";
import {
  type Change,
  factsOf,
  isFolder,
  isOfFile,
  isSame,
  type Listing,
  planOf,
  shown,
} from "#domain/rewind-plan.ts";
import { parseTree, treeOfCommit } from "#net/git-tree.ts";
import { Application } from "./checkpoint-apply.ts";
import { listNow, listSaved } from "./checkpoint-lists.ts";
import { Shadow } from "./checkpoint-objects.ts";
import { forgetAllowed, Reader, Restoration, unpack } from "./checkpoint-restore.ts";
import { AGENT_DATABASE, AGENT_PARTS, AGENT_STORE, readState, ROOT, SHADOW } from "./checkpoint-state.ts";
import type { Limits } from "./checkpoint-walk.ts";

export interface RewindOptions extends Limits {
  /** The checkpoint that is gone back to. */
  target: string;
  /** What was saved before that, which undoes it; null where this is only a look at what would change. */
  safety: string | null;
  /** How the agent's last turn has left the files; null where that is not known. */
  base: string | null;
  /** Packs that are to be unpacked first: what an earlier try has missed. */
  packs: string[];
  files: boolean;
  conversation: boolean;
  /** Paths, or folders with a slash at their end. */
  overwrite: string[];
  keep: string[];
  /** Files of the workspace's root that are the sandbox's own. */
  own: string[];
  /** The one file that is restored now, whatever else is different; null for a rewind. */
  only: string | null;
  /** How many changes are listed, and of those in the way, how many are named. */
  maxListed: number;
  maxNamed: number;
}

/** Leftovers of an agent's database that belong to what was in it. */
const SIDE_FILES = ["-wal", "-shm", "-journal"];

/** The checkpoint doesn't have the one file that is asked for. */
export class NoSuchFile extends Error {}

/** A checkpoint of which something is not in the sandbox. */
class Missing extends Error {}

/** Folders of several checkpoints: most of them are the same, and git is asked for each once. */
class Saved {
  readonly #reader: Reader;
  readonly #known = new Map<string, Buffer>();

  constructor(reader: Reader, commits: readonly string[]) {
    this.#reader = reader;
    const roots = [...this.#read(commits).values()].map(rootOf);
    this.#read(roots);
  }

  readonly #read = (oids: readonly string[]): Map<string, Buffer> => {
    const wanted = [...new Set(oids)].filter((oid) => !this.#known.has(oid));
    if (wanted.length > 0) for (const [oid, bytes] of this.#reader.read(wanted)) this.#known.set(oid, bytes);
    return new Map(oids.map((oid) => [oid, this.#known.get(oid)!]));
  };

  /** What a checkpoint is made of: the workspace, the agent's store, and what it leaves out. @throws Missing */
  #partsOf(commit: string): { workspace: string; agent: string; rules: string | undefined } {
    const root = this.#known.get(rootOf(this.#known.get(commit)!))!;
    const parts = new Map(parseTree(root).map(({ name, oid }) => [name.toString("latin1"), oid]));
    const [workspace, agent] = [parts.get("workspace"), parts.get("agent")];
    if (workspace === undefined || agent === undefined) throw new Missing(commit);
    return { workspace, agent, rules: parts.get(RULES) };
  }

  /** The names that a checkpoint leaves out; undefined where it is from before it said so. */
  skippedBy(commit: string): string[] | undefined {
    const { rules } = this.#partsOf(commit);
    return rules === undefined ? undefined : skippedIn(this.#read([rules]).get(rules)!.toString("utf8"));
  }

  agentOf(commit: string): string {
    return this.#partsOf(commit).agent;
  }

  /** What a checkpoint's workspace holds, without those names. */
  list(commit: string, skip: ReadonlySet<string>): Listing {
    const all = listSaved(this.#partsOf(commit).workspace, this.#read);
    return new Map([...all].filter(([place]) => !isBelow(skip, place)));
  }
}

function rootOf(commit: Buffer): string {
  const root = treeOfCommit(commit);
  if (root === undefined) throw new Missing("no checkpoint");
  return root;
}

/** The agent's store as it was, without what was allowed then. The agent does not run. */
function restoreAgent(reader: Reader, tree: string): void {
  const draft = `${AGENT_STORE}.rewind`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true });
  new Restoration(reader, []).run(draft, tree);
  forgetAllowed(draft);
  fs.mkdirSync(AGENT_STORE, { recursive: true });
  for (const end of SIDE_FILES) fs.rmSync(path.join(AGENT_STORE, AGENT_DATABASE + end), { force: true });
  for (const name of [AGENT_DATABASE, ...AGENT_PARTS]) {
    const [from, to] = [path.join(draft, name), path.join(AGENT_STORE, name)];
    fs.rmSync(to, { recursive: true, force: true });
    if (fs.existsSync(from)) fs.renameSync(from, to);
  }
  fs.rmSync(draft, { recursive: true, force: true });
}

/** Changes that are still as they were planned: who has worked on a file meanwhile keeps it. */
function undrifted(changes: readonly Change[], now: Listing): { still: Change[]; drifted: string[] } {
  const drifted: string[] = [];
  const still = changes.filter((change) => {
    const there = now.get(change.place);
    if (isSame(there, change.to)) return false;
    if (isSame(there, change.from) || !isOfFile(change)) return true;
    drifted.push(change.place);
    return false;
  });
  return { still, drifted };
}

/**
 * Restores one file, where it is not as it was.
 * @returns the same as a rewind; what is `kept` could not be replaced
 */
function restoreOne(
  only: string,
  now: Listing,
  wanted: Listing,
  base: Listing | undefined,
  options: Pick<RewindOptions, "own" | "overwrite" | "keep" | "maxListed" | "maxNamed"> & { reader: Reader },
) {
  const isIt = ([place]: [string, unknown]) => shown(place) === only;
  const file = [...wanted].find(isIt);
  if (!file || isFolder(file[1])) throw new NoSuchFile("there is no such file in the checkpoint");
  const plan = planOf(new Map([...now].filter(isIt)), new Map([file]), base, options);
  const facts = factsOf(plan, options);
  if (plan.open.size > 0) return { ...facts, kept: [] };
  const application = new Application(ROOT, options.reader);
  application.run(plan.changes);
  return { ...facts, kept: [...application.missed].slice(0, options.maxNamed).map(shown) };
}

/** The shadow repository with what was sent; where it is spoiled, another one with that alone. */
function shadowWith(packs: readonly string[]): Shadow {
  if (fs.existsSync(SHADOW))
    try {
      const shadow = Shadow.open(SHADOW, []);
      // Git compares what it has already with what comes.
      unpack(shadow, packs);
      return shadow;
    } catch (error) {
      if (packs.length === 0) throw error;
    }
  const shadow = Shadow.create(SHADOW);
  unpack(shadow, packs);
  return shadow;
}

function work(options: RewindOptions) {
  const shadow = shadowWith(options.packs);
  const reader = new Reader(shadow);
  const commits = [options.target, options.safety, options.base].filter((one) => one !== null);
  const saved = new Saved(reader, commits);
  const counts = { added: 0, changed: 0, deleted: 0 };
  const none = { listed: [], open: [], openCount: 0, kept: [] as string[], counts };
  if (!options.files) {
    if (options.safety !== null && options.conversation) restoreAgent(reader, saved.agentOf(options.target));
    return none;
  }
  // What one of them leaves out by name, the others may have: it stays as it is.
  const skip = new Set(commits.flatMap((commit) => saved.skippedBy(commit) ?? options.skip));
  const now = listNow(ROOT, { ...options, skip: [...skip] }, readState()?.seen ?? new Map());
  const from = options.safety === null ? now : saved.list(options.safety, skip);
  const base = options.base === null ? undefined : saved.list(options.base, skip);
  const wanted = saved.list(options.target, skip);
  if (options.only !== null) return restoreOne(options.only, now, wanted, base, { ...options, reader });
  const plan = planOf(from, wanted, base, options);
  const facts = factsOf(plan, options);
  if (options.safety === null || plan.open.size > 0) return { ...facts, kept: [] };
  const { still, drifted } = undrifted(plan.changes, now);
  const application = new Application(ROOT, reader);
  application.run(still);
  if (options.conversation) restoreAgent(reader, saved.agentOf(options.target));
  const kept = [...drifted, ...application.missed].slice(0, options.maxNamed).map(shown);
  return { ...facts, listed: [], kept };
}

/**
 * Brings a live sandbox to a checkpoint, as far as is asked for; while the conversation goes back, its agent does not
 * run. Nothing changes where files would be overwritten that a person has changed and that nobody named (`open`).
 * Done again after it broke off, it goes on.
 * @returns `missing` where it could not be done with what is in the sandbox: it is to be tried again with the packs
 */
export function rewind(options: RewindOptions) {
  try {
    return work(options);
  } catch (error) {
    // Whatever is wrong with what the sandbox keeps: the packs have all of it.
    if (options.packs.length === 0 && !(error instanceof NoSuchFile)) return { missing: true as const };
    throw error;
  }
}
