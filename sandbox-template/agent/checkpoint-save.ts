import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { RULES, rulesOf } from "#domain/checkpoint-rules.ts";
import { DIRECTORY, type TreeEntry } from "#net/git-tree.ts";
import { Shadow } from "./checkpoint-objects.ts";
import {
  AGENT_DATABASE,
  AGENT_PARTS,
  AGENT_STORE,
  readState,
  ROOT,
  SHADOW,
  type State,
  writeState,
} from "./checkpoint-state.ts";
import { type Limits, type Seen, Walk } from "./checkpoint-walk.ts";

export interface SaveOptions extends Limits {
  /** The commit that the new one builds on; without it, or where this sandbox does not know it, the pack is whole. */
  previous?: string;
  /** Where the pack is written. */
  pack: string;
  /** True while the agent starts, and there is no conversation: its database is left alone, and nothing of it is saved. */
  withoutAgent?: boolean;
}

const MAX_LEFT_OUT = 20;

/** The agent's database as one moment has it, whatever is written to it meanwhile. */
async function databaseCopy(folder: string): Promise<Buffer | null> {
  const source = path.join(AGENT_STORE, AGENT_DATABASE);
  if (!fs.existsSync(source)) return null;
  const copy = path.join(folder, "agent.db");
  fs.rmSync(copy, { force: true });
  const db = new DatabaseSync(source, { timeout: 5_000 });
  try {
    await backup(db, copy);
  } finally {
    db.close();
  }
  try {
    return fs.readFileSync(copy);
  } finally {
    fs.rmSync(copy, { force: true });
  }
}

/** Takes the agent's own store: its conversations, under their ids. */
async function agentTree(shadow: Shadow, limits: Limits, before: Seen, seen: Seen): Promise<string> {
  const entries: TreeEntry[] = [];
  const database = await databaseCopy(shadow.folder);
  if (database)
    entries.push({
      mode: 0o100644,
      name: Buffer.from(AGENT_DATABASE),
      oid: shadow.blob(database),
    });
  for (const name of AGENT_PARTS) {
    const place = path.join(AGENT_STORE, name);
    if (!fs.lstatSync(place, { throwIfNoEntry: false })?.isDirectory()) continue;
    const walk = new Walk(place, { ...limits, skip: [] }, before, shadow);
    entries.push({ mode: DIRECTORY | 0o755, name: Buffer.from(name), oid: walk.run() });
    for (const [key, value] of walk.seen) seen.set(key, value);
  }
  return shadow.tree(entries);
}

async function take(options: SaveOptions, state: State | undefined) {
  const shadow = state ? Shadow.open(SHADOW, state.known) : Shadow.create(SHADOW, options.pack);
  const before: Seen = state?.seen ?? new Map();
  const walk = new Walk(ROOT, options, before, shadow);
  const workspace = walk.run();
  const agent =
    options.withoutAgent === true ? shadow.tree([]) : await agentTree(shadow, options, before, walk.seen);
  const folder = (name: string, oid: string) => ({ mode: DIRECTORY | 0o755, name: Buffer.from(name), oid });
  const rules = { mode: 0o100644, name: Buffer.from(RULES), oid: shadow.blob(Buffer.from(rulesOf(options))) };
  const root = shadow.tree([folder("agent", agent), rules, folder("workspace", workspace)]);
  const facts = {
    tree: workspace,
    files: walk.files,
    workspaceBytes: walk.bytes,
    leftOut: walk.leftOut.slice(0, MAX_LEFT_OUT),
    leftOutCount: walk.leftOut.length,
  };
  if (state?.root === root) return { unchanged: true as const, ...facts };
  const seconds = Math.floor(Date.now() / 1_000);
  const who = `Studio <checkpoints@studio.invalid> ${seconds} +0000`;
  const commit = shadow.commit(
    `tree ${root}\n${state ? `parent ${state.commit}\n` : ""}author ${who}\ncommitter ${who}\n\nCheckpoint\n`,
  );
  if (state) pack(shadow, options.pack, commit, state);
  else shadow.takePack(options.pack);
  const known = [...shadow.known, ...shadow.added];
  writeState({ commit, root, known, seen: walk.seen });
  return {
    unchanged: false as const,
    commit,
    whole: !state,
    objects: shadow.added.size,
    ...sumOf(options.pack),
    ...facts,
  };
}

/** Writes what is new as a pack, which leans on objects of the checkpoint before where that makes it smaller. */
function pack(shadow: Shadow, file: string, commit: string, state: State): void {
  const out = fs.openSync(file, "w", 0o600);
  try {
    const how = ["--stdout", "--revs", "--delta-base-offset", "--thin", "--window=10"];
    shadow.git(["pack-objects", "-q", ...how], { input: `${commit}\n^${state.commit}\n`, stdout: out });
  } finally {
    fs.closeSync(out);
  }
}

function sumOf(file: string): { bytes: number; sha256: string } {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(1 << 20);
  const from = fs.openSync(file, "r");
  let bytes = 0;
  try {
    for (let read = 0; (read = fs.readSync(from, piece)) > 0; bytes += read)
      hash.update(piece.subarray(0, read));
  } finally {
    fs.closeSync(from);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** Takes a checkpoint. A shadow repository that is of no use, whatever was done to it, is begun again. */
export async function save(options: SaveOptions) {
  const state = options.previous === undefined ? undefined : readState(options.previous);
  if (!state) return await take(options, undefined);
  try {
    return await take(options, state);
  } catch {
    return await take(options, undefined);
  }
}
