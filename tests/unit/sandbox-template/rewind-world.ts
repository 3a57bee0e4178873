import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { NOT_SAVED } from "#domain/checkpoints.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";

/** The program of the template as sandboxes have it: its sources would be translated at each of many starts. */
const programs = fs.mkdtempSync(path.join(os.tmpdir(), "programs-"));
const PROGRAM = path.join(programs, "checkpoint.mjs");
const NODE = path.resolve("node_modules/node/bin/node");
const base = fs.mkdtempSync(path.join(os.tmpdir(), "rewind-"));
const LIMITS = { skip: NOT_SAVED, maxFileBytes: 100_000, maxBytes: 1_000_000, maxFiles: 1_000 };

let count = 0;
/** The sandbox's workspace and home, and what was packed of it. */
export let root = "";
export let home = "";
export let packs: string[] = [];

function freshSandbox(): void {
  count += 1;
  root = path.join(base, `w${count}`);
  home = path.join(base, `h${count}`);
  packs = [];
  fs.mkdirSync(root);
  fs.mkdirSync(path.dirname(database()), { recursive: true });
  remember("create table session (id, parent_id, permission); create table permission (what)");
  last = undefined;
}

/** Gives each test of the file that calls it a sandbox in which the template's own program runs. */
export function rewindWorld(): void {
  beforeAll(async () => {
    for (const folder of [base, programs]) fs.mkdirSync(folder, { recursive: true });
    await bundleAgent(process.cwd(), programs, ["checkpoint"]);
  });
  beforeEach(freshSandbox);
  afterAll(() => {
    execFileSync("chmod", ["-R", "u+rwx", base]);
    for (const folder of [base, programs]) fs.rmSync(folder, { recursive: true, force: true });
  });
}

export const database = () => path.join(home, ".local/share/opencode/opencode.db");
export function remember(sql: string): void {
  const db = new DatabaseSync(database());
  db.exec("pragma journal_mode = wal");
  db.exec(sql);
  db.close();
}
export function conversations(): unknown[] {
  const db = new DatabaseSync(database());
  const rows = db.prepare("select id from session order by id").all();
  db.close();
  return rows.map(({ id }) => id);
}

function run(act: string, given: object): unknown {
  const ran = spawnSync(NODE, [PROGRAM, act], {
    encoding: "utf8",
    env: {
      ...process.env,
      STUDIO_ROOT: root,
      STUDIO_HOME: home,
      STUDIO_CHECKPOINT: JSON.stringify({ ...LIMITS, ...given }),
    },
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}

let last: string | undefined;
/** The next checkpoint is whole, and begins the shadow repository again. */
export const beginAgain = (): void => {
  last = undefined;
};
export function save(given: { skip?: string[] } = {}): string {
  const pack = path.join(base, `${count}-${packs.length}.pack`);
  const saved = run("save", { pack, ...(last && { previous: last }), ...given }) as {
    unchanged: boolean;
    commit: string;
  };
  if (!saved.unchanged) {
    packs.push(pack);
    last = saved.commit;
  }
  return last!;
}

interface Rewound {
  error?: string;
  missing?: true;
  counts: { added: number; changed: number; deleted: number };
  listed: { path: string; change: string; byHand: boolean }[];
  open: string[];
  openCount: number;
  kept: string[];
}
export interface Rewind {
  safety?: string | null;
  files?: boolean;
  conversation?: boolean;
  packs?: string[];
  overwrite?: string[];
  keep?: string[];
  only?: string;
}
export const rewind = (target: string, base: string | null, given: Rewind = {}) =>
  run("rewind", {
    target,
    base,
    safety: last,
    packs: [],
    files: true,
    conversation: false,
    overwrite: [],
    keep: [],
    own: [".env", "opencode.json"],
    only: null,
    maxListed: 10,
    maxNamed: 5,
    ...given,
  }) as Rewound;
export const preview = (target: string, base: string | null, given: Rewind = {}) =>
  rewind(target, base, { ...given, safety: null });

export const write = (name: string, content: string, mode = 0o644) => {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode });
  fs.chmodSync(file, mode);
};
export const read = (name: string) => fs.readFileSync(path.join(root, name), "utf8");
export const has = (name: string) =>
  fs.lstatSync(path.join(root, name), { throwIfNoEntry: false }) !== undefined;
export const filesIn = (folder: string) =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
export const remove = (name: string) => fs.rmSync(path.join(root, name), { recursive: true });
