/**
 * `npm run bench:checkpoint [-- --json]`: what a checkpoint costs within a sandbox, by the template's own program (with
 * Node's start each time), beside what git and tar need for the same tree. Ends with 1 where an aim is missed.
 * Aims: the issue's own; the way out of a sandbox is not in it.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { CHECKPOINT_LIMITS, NOT_SAVED } from "#domain/checkpoints.ts";
import { type Figure, isMet, median, report, table } from "./figures.ts";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const ROUNDS = 5;
const FILES = 5_000;
const CHANGED = 100;
/** 100 MB in all: half of it packs well, as texts do. */
const FILE_BYTES = 20_000;
const base = fs.mkdtempSync(path.join(os.tmpdir(), "bench-checkpoint-"));
const root = path.join(base, "workspace");
const home = path.join(base, "home");

function timed(
  program: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
) {
  const started = performance.now();
  const ran = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 64_000_000,
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (ran.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${ran.stderr}`);
  return { ms: performance.now() - started, out: ran.stdout };
}

interface Saved {
  error?: string;
  commit: string;
  unchanged: boolean;
  bytes?: number;
}

const program = path.join(base, "checkpoint.mjs");
function checkpoint(act: "save" | "restore" | "rewind", given: object) {
  const env = {
    STUDIO_ROOT: root,
    STUDIO_HOME: home,
    STUDIO_CHECKPOINT: JSON.stringify({ skip: NOT_SAVED, ...CHECKPOINT_LIMITS, ...given }),
  };
  const { ms, out } = timed(process.execPath, [program, act], { env });
  const said = JSON.parse(out) as Saved;
  if (said.error !== undefined) throw new Error(said.error);
  return { ms, said };
}

const change = (name: number) =>
  fs.writeFileSync(
    path.join(root, String(name % 50), `${name}.txt`),
    Buffer.concat([randomBytes(FILE_BYTES / 2), Buffer.alloc(FILE_BYTES / 2, `line ${name}\n`)]),
  );
const git = (...args: string[]) =>
  timed("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "gc.auto=0", ...args], { cwd: root }).ms;

try {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [path.join(import.meta.dirname, "../../sandbox-template/agent/checkpoint.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  fs.mkdirSync(path.join(home, ".local/share/opencode"), { recursive: true });
  for (let folder = 0; folder < 50; folder += 1)
    fs.mkdirSync(path.join(root, String(folder)), { recursive: true });
  for (let name = 0; name < FILES; name += 1) change(name);

  const pack = (name: string) => path.join(base, `${name}.pack`);
  const first = checkpoint("save", { pack: pack("first") });
  const tar = timed("tar", ["-czf", path.join(base, "all.tar.gz"), "-C", root, "."]).ms;
  const plain = path.join(base, "plain");
  timed("cp", ["-a", root, plain]);
  const plainGit = (...args: string[]) =>
    timed("git", ["-C", plain, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "gc.auto=0", ...args]).ms;
  const gitFirst = plainGit("init", "-q") + plainGit("add", "-A") + plainGit("commit", "-qm", "first");
  fs.rmSync(plain, { recursive: true });

  let { commit } = first.said;
  let before = commit;
  const nothing: number[] = [];
  const some: { ms: number; bytes: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const same = checkpoint("save", { pack: pack("none"), previous: commit });
    if (!same.said.unchanged) throw new Error("nothing had changed");
    nothing.push(same.ms);
    for (let name = 0; name < CHANGED; name += 1) change(round * CHANGED + name);
    before = commit;
    const changed = checkpoint("save", { pack: pack(`round-${round}`), previous: commit });
    ({ commit } = changed.said);
    some.push({ ms: changed.ms, bytes: changed.said.bytes ?? 0 });
  }
  const back: number[] = [];
  const rewind = {
    packs: [],
    files: true,
    conversation: false,
    own: [],
    only: null,
    overwrite: [],
    keep: [],
  };
  const { commit: last } = checkpoint("save", { pack: pack("last"), previous: commit }).said;
  const present = last ?? commit;
  for (let round = 0; round < ROUNDS; round += 1)
    back.push(
      checkpoint("rewind", {
        ...rewind,
        ...(round % 2 === 0 ? { target: before, safety: present } : { target: present, safety: before }),
        base: round % 2 === 0 ? present : before,
        maxListed: 200,
        maxNamed: 20,
      }).ms,
    );
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "first");
  for (let name = 0; name < CHANGED; name += 1) change(name);
  const gitSome = git("add", "-A") + git("commit", "-qm", "some");
  fs.rmSync(path.join(root, ".git"), { recursive: true });
  const packs = ["first", ...some.map((_, round) => `round-${round}`)].map(pack);
  const restored = checkpoint("restore", { packs, commit });

  const figures: Figure[] = [
    {
      name: "first, 100 MB",
      unit: "ms",
      measured: first.ms,
      baseline: gitFirst,
      against: "ratio",
      aim: 3,
      note: `git add and commit; tar and gzip: ${Math.round(tar)} ms`,
    },
    { name: "nothing changed", unit: "ms", measured: median(nothing), aim: 300 },
    {
      name: `${CHANGED} of ${FILES} files changed`,
      unit: "ms",
      measured: median(some.map(({ ms }) => ms)),
      baseline: gitSome,
      aim: 1_000,
      note: `${Math.round(median(some.map(({ bytes }) => bytes)) / 1_000)} kB travel`,
    },
    { name: `rewind of ${CHANGED} files`, unit: "ms", measured: median(back), aim: 1_000 },
    { name: "restore, 100 MB", unit: "ms", measured: restored.ms },
  ];
  process.stdout.write(`${values.json ? JSON.stringify(report(figures), null, 2) : table(figures)}\n`);
  process.exitCode = figures.some((figure) => isMet(figure) === false) ? 1 : 0;
} finally {
  fs.rmSync(base, { recursive: true, force: true });
}
