import { execFile, spawn } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { parseBatch } from "#net/git-tree.ts";
import { cacheOf, cached } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { CannotOpen } from "../keys/envelope.ts";
import { keyring } from "../keys/own-key.ts";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";
import { chainOf, packOf, Spoiled } from "./restore.ts";
import { checkpointStore } from "./store.ts";

const run = promisify(execFile);

const GIT_MS = 60_000;
const MAX_LISTING_BYTES = 16_000_000;
/** Of trees that are read at once. */
const MAX_OBJECTS_BYTES = 64_000_000;
/** How many are kept on this machine for who looks on, and for how long. */
const KEPT = { max: 4, ttlMs: 10 * 60_000 };
const FOLDER = "studio-saved-";
/** A folder as old as that is nobody's: its server was killed. */
const LEFT_MS = 60 * 60_000;

/** No configuration of the machine, and no attribute of what was saved, changes what is shown. */
const SETTINGS = [
  "core.attributesFile=/dev/null",
  "gc.auto=0",
  "core.quotePath=false",
  // What comes out of a sandbox may be made to need much memory.
  "core.bigFileThreshold=20m",
  "core.deltaBaseCacheLimit=16m",
  "pack.threads=1",
].flatMap((setting) => ["-c", setting]);
const ATTRIBUTES = "* -text -eol -filter -ident -working-tree-encoding -export-ignore -export-subst !diff\n";

/**
 * What a sandbox has packed may unfold to far more than it is: git ends where it takes more memory than that, in KiB.
 * Where a system has no such limit, it goes without.
 */
const MAX_GIT_KIB = 2_000_000;
const git = (args: readonly string[]): [string, string[]] => [
  "sh",
  ["-c", `ulimit -v ${MAX_GIT_KIB} 2>/dev/null; exec git "$@"`, "git", ...SETTINGS, ...args],
];

/** An entry of a saved folder, as git lists it. */
export interface SavedEntry {
  name: Buffer;
  kind: "folder" | "file" | "link";
  oid: string;
  size: number;
}

/** A saved workspace that can be looked at: git's objects in a folder of this machine, for a while. */
export class SavedWorkspace {
  readonly #folder: string;
  readonly #tree: string;

  constructor(folder: string, tree: string) {
    this.#folder = folder;
    this.#tree = tree;
  }

  /** An empty one in a folder of its own; who has made it removes it. @param tree git's name of what will be in it */
  static async temporary(tree: string): Promise<SavedWorkspace> {
    // Once in a process: the next one that is killed is looked after by the next one that starts.
    singleton("saved-workspaces-left", () => ({
      done: removeLeft(os.tmpdir()).catch((error: unknown) =>
        log("info", "what was left of saved workspaces stays", { error: messageOf(error) }),
      ),
    }));
    return new SavedWorkspace(await fs.mkdtemp(path.join(os.tmpdir(), FOLDER)), tree);
  }

  /** Git's name of the workspace in it. */
  get tree(): string {
    return this.#tree;
  }

  #options() {
    const { PATH = "" } = process.env;
    const env = {
      PATH,
      GIT_DIR: this.#folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      LC_ALL: "C",
    };
    return { cwd: this.#folder, env: env as unknown as NodeJS.ProcessEnv };
  }

  async #git(args: readonly string[], maxBuffer = MAX_LISTING_BYTES, input?: string): Promise<Buffer> {
    const options = { ...this.#options(), maxBuffer, timeout: GIT_MS, encoding: "buffer" as const };
    const running = run(...git(args), options);
    // One that ends before it has read all says so by its code.
    running.child.stdin?.on("error", () => undefined);
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Objects' bytes, by name. @throws Error where one is missing, or they are more than may be read at once */
  async objects(oids: readonly string[]): Promise<Map<string, Buffer>> {
    if (oids.length === 0) return new Map();
    return parseBatch(await this.#git(["cat-file", "--batch"], MAX_OBJECTS_BYTES, `${oids.join("\n")}\n`));
  }

  /** Makes the repository, of packs as they come. @throws Spoiled where one is not what it was, or git does not take it */
  async load(packs: readonly (() => Promise<ReadableStream<Uint8Array>>)[]): Promise<void> {
    await this.#git(["init", "-q", "--bare", "--template=", this.#folder]);
    await fs.mkdir(path.join(this.#folder, "info"), { recursive: true });
    await fs.writeFile(path.join(this.#folder, "info/attributes"), ATTRIBUTES);
    for (const body of packs) {
      const child = spawn(...git(["index-pack", "--stdin", "--fix-thin"]), {
        ...this.#options(),
        stdio: ["pipe", "ignore", "pipe"],
        timeout: GIT_MS,
      });
      const ended = new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
      });
      child.stderr.resume();
      const [sent, code] = await Promise.allSettled([
        pipeline(Readable.fromWeb((await body()) as never), inputOf(child)),
        ended,
      ]);
      if (sent.status === "rejected") throw sent.reason;
      if (code.status === "rejected") throw code.reason;
      if (code.value !== 0) throw new Error("git does not take a pack");
    }
  }

  /** What is at a path of the workspace, without following links; null where nothing is. */
  async at(place: string): Promise<SavedEntry | null> {
    if (place === "") return { name: Buffer.alloc(0), kind: "folder", oid: this.#tree, size: 0 };
    const above = await this.at(path.posix.dirname(place) === "." ? "" : path.posix.dirname(place));
    if (above?.kind !== "folder") return null;
    const name = Buffer.from(path.posix.basename(place));
    return (await this.entries(above)).find((entry) => entry.name.equals(name)) ?? null;
  }

  /** A folder's entries. */
  async entries(folder: SavedEntry): Promise<SavedEntry[]> {
    const listed = await this.#git(["ls-tree", "-z", "-l", folder.oid]);
    const entries: SavedEntry[] = [];
    for (let at = 0; at < listed.length;) {
      const end = listed.indexOf(0, at);
      const tab = listed.indexOf(0x09, at);
      const [mode = "", , oid = "", size = ""] = listed.toString("latin1", at, tab).split(/ +/);
      const kind = mode === "040000" ? "folder" : mode === "120000" ? "link" : "file";
      entries.push({ name: listed.subarray(tab + 1, end), kind, oid, size: Number(size) || 0 });
      at = end + 1;
    }
    return entries;
  }

  /** A file's bytes, of at most so many. */
  async read({ oid }: SavedEntry, maxBytes: number): Promise<Buffer> {
    return await this.#git(["cat-file", "blob", oid], maxBytes);
  }

  /** A file's bytes as they come. */
  open({ oid }: SavedEntry): ReadableStream<Uint8Array> {
    return this.#stream(["cat-file", "blob", oid]);
  }

  /** A folder as an archive, without the sandbox's own keys. */
  archive({ oid }: SavedEntry, format: "tar.gz" | "zip"): ReadableStream<Uint8Array> {
    const without = oid === this.#tree ? ["--", ".", ":(exclude).env"] : [];
    // Else git reads the whole tree into an index first, which takes no folder named .git.
    return this.#stream(["archive", "--worktree-attributes", `--format=${format}`, oid, ...without]);
  }

  #stream(args: readonly string[]): ReadableStream<Uint8Array> {
    const child = spawn(...git(args), {
      ...this.#options(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    // An end that is none breaks the download off.
    child.on("error", (error) => child.stdout.destroy(error));
    child.on("close", (code) => {
      if (code !== 0) child.stdout.destroy(new Error("git ended before its end"));
    });
    child.stdout.on("close", () => child.kill("SIGKILL"));
    return Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>;
  }

  /** What git prints, as far as it may be long; and whether that is all of it. */
  async print(args: readonly string[], maxBytes: number): Promise<{ out: Buffer; whole: boolean }> {
    try {
      return { out: await this.#git(args, maxBytes), whole: true };
    } catch (error) {
      const { code, stdout } = error as { code?: unknown; stdout?: unknown };
      if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER" && stdout instanceof Buffer)
        return { out: stdout, whole: false };
      throw error;
    }
  }

  async remove(): Promise<void> {
    await fs.rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * A program's input, of which it need not read all: git ends its own once it has the pack's last byte, a moment before
 * its source does, whose end is waited for. One that has failed is given no more.
 */
function inputOf(child: { stdin: Writable; readonly exitCode: number | null }): Writable {
  child.stdin.on("error", () => undefined);
  return new Writable({
    write: (chunk, _encoding, done) => {
      if (child.exitCode) return done(new Error("git does not take a pack"));
      if (child.stdin.destroyed) return done();
      child.stdin.write(chunk, () => done());
    },
    final: (done) => {
      if (child.stdin.destroyed) return done();
      child.stdin.end(() => done());
    },
    destroy: (error, done) => {
      child.stdin.destroy();
      done(error);
    },
  });
}

/** Removes what servers that were killed have left on this machine. */
export async function removeLeft(folder: string, now = Date.now()): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    if (!name.startsWith(FOLDER)) continue;
    const place = path.join(folder, name);
    const stat = await fs.lstat(place).catch(() => null);
    if (!stat?.isDirectory() || stat.uid !== process.getuid?.() || stat.mtimeMs > now - LEFT_MS) continue;
    await fs.rm(place, { recursive: true, force: true });
  }
}

type Stored = FunctionReturnType<typeof api.checkpoints.stored>[number];

/** Makes what can be looked at of checkpoints of a session; of several, all that they are made of. */
async function make(
  sessionId: Id<"sandboxSessions">,
  all: readonly Stored[],
  wanted: readonly Stored[],
): Promise<SavedWorkspace> {
  const parts = { store: checkpointStore(), ring: keyring() };
  const tree = wanted.at(-1)!.tree;
  const saved = await SavedWorkspace.temporary(tree);
  const needed = new Map(wanted.flatMap((one) => chainOf(all, one)).map((one) => [one.checkpointId, one]));
  try {
    await saved.load(
      [...needed.values()].map((one) => async () => await packOf(parts, one, () => undefined)),
    );
    return saved;
  } catch (error) {
    log("error", "a checkpoint can't be looked at", { sessionId, error: messageOf(error) });
    await saved.remove();
    throw error instanceof Spoiled || error instanceof CannotOpen ? refuse("checkpoint_unreadable") : error;
  }
}

const keptWorkspaces = () =>
  cacheOf<Promise<SavedWorkspace>>("saved-workspaces", {
    ...KEPT,
    onGone: (gone) => void gone.then(async (saved) => await saved.remove()).catch(() => undefined),
  });

/**
 * The workspace of a session as it was last saved, without a sandbox.
 * @throws HttpError session_stopped where nothing is saved | upstream_failed where what is saved can't be read
 */
export async function savedWorkspace(
  sessionId: Id<"sandboxSessions">,
  checkpointId: string | null,
): Promise<SavedWorkspace> {
  if (checkpointId === null) throw refuse("nothing_saved");
  return await cached(keptWorkspaces(), checkpointId, async () => {
    const all = await serviceData().query(api.checkpoints.stored, { sessionId });
    const wanted = all.find((one) => one.checkpointId === checkpointId);
    if (!wanted) throw refuse("nothing_saved");
    return await make(sessionId, all, [wanted]);
  });
}

/**
 * Several checkpoints of a session in one repository, of which the last is the workspace.
 * @param all the session's
 * @throws HttpError upstream_failed where what is saved can't be read
 */
export async function savedTogether(
  sessionId: Id<"sandboxSessions">,
  all: readonly Stored[],
  wanted: readonly Stored[],
): Promise<SavedWorkspace> {
  const name = wanted.map(({ checkpointId }) => checkpointId).join(" ");
  return await cached(keptWorkspaces(), name, async () => await make(sessionId, all, wanted));
}
