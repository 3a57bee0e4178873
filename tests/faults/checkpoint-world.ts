import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { CommandExitError, NotFoundError, type Sandbox } from "e2b";
import type { Data } from "#server/convex/client.ts";
import type { CheckpointStore } from "#server/checkpoints/checkpoint-store.ts";
import { FolderStore } from "#server/checkpoints/folder-store.ts";
import { bundleAgent } from "../../sandbox-template/bundle.ts";

const NODE = path.resolve("node_modules/node/bin/node");

/** A server that was killed: from then on it does nothing, and hears nothing. */
export class Killed extends Error {}

/** Whether a server is still alive, and when it will not be: at so many of its calls, before one or after it. */
export class Life {
  #calls = 0;
  #isDead = false;
  readonly #killAt: number;
  readonly #afterwards: boolean;
  readonly #end = Promise.withResolvers<void>();
  /** Resolves once it is dead: what it still tries comes to nothing. */
  readonly ended = this.#end.promise;

  constructor(killAt = Number.POSITIVE_INFINITY, afterwards = false) {
    this.#killAt = killAt;
    this.#afterwards = afterwards;
  }

  async call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Killed();
    this.#calls += 1;
    const isLast = this.#calls === this.#killAt;
    if (isLast && !this.#afterwards) this.#die();
    if (this.#isDead) throw new Killed();
    const result = await work();
    if (isLast) this.#die();
    if (this.#isDead) throw new Killed();
    return result;
  }

  #die(): void {
    this.#isDead = true;
    this.#end.resolve();
  }
}

/** A sandbox of one folder: the template's own program runs in it, on this machine. */
export class Place {
  readonly root: string;
  readonly home: string;
  readonly #tmp: string;
  readonly #programs: string;
  isGone = false;
  /** Milliseconds after which the next program of its is killed. */
  killNextAfterMs: number | undefined;

  constructor(base: string, programs: string) {
    const folder = fs.mkdtempSync(path.join(base, "place-"));
    this.#programs = programs;
    this.root = path.join(folder, "workspace");
    this.home = path.join(folder, "home");
    this.#tmp = path.join(folder, "tmp");
    for (const made of [this.root, this.#tmp, path.join(this.home, ".local/share/opencode")])
      fs.mkdirSync(made, { recursive: true });
    const db = new DatabaseSync(path.join(this.home, ".local/share/opencode/opencode.db"));
    db.exec("create table session (id, parent_id, permission); create table permission (what)");
    db.close();
  }

  #inside(file: string): string {
    return path.join(this.#tmp, path.basename(file));
  }

  async #program(act: string, given: string): Promise<string> {
    // What a program is told of packs is where they are inside.
    const options = given.replaceAll(/"\/tmp\/([\w.-]+)"/g, (_, name: string) =>
      JSON.stringify(path.join(this.#tmp, name)),
    );
    const child = spawn(NODE, [path.join(this.#programs, "checkpoint.mjs"), act], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, STUDIO_ROOT: this.root, STUDIO_HOME: this.home, STUDIO_CHECKPOINT: options },
    });
    const after = this.killNextAfterMs;
    this.killNextAfterMs = undefined;
    const timer = after === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), after);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    clearTimeout(timer);
    if (code !== 0) throw new CommandExitError({ exitCode: code ?? 137, stdout, stderr });
    return stdout;
  }

  /** The sandbox as a server has it; `life` is that server's. */
  as(life: Life): Sandbox {
    const reached = async <T>(work: () => Promise<T>) =>
      await life.call(async () => {
        if (this.isGone) throw new NotFoundError("gone");
        return await work();
      });
    const run = async (command: string, { envs = {} }: { envs?: Record<string, string> } = {}) => {
      const act = /checkpoint\.mjs (\w+)/.exec(command)?.[1];
      // Studio's own clearing up, of packs.
      if (act === undefined) return { stdout: "", stderr: "", exitCode: 0 };
      const stdout = await this.#program(act, envs["STUDIO_CHECKPOINT"] ?? "{}");
      return { stdout, stderr: "", wait: async () => ({ stdout }) };
    };
    const sandbox = {
      commands: {
        run: async (command: string, options?: object) =>
          await reached(async () => await run(command, options)),
      },
      files: {
        read: async (file: string) =>
          await reached(async () => Readable.toWeb(fs.createReadStream(this.#inside(file)))),
        write: async (file: string, body: ReadableStream<Uint8Array>) =>
          await reached(
            async () =>
              await pipeline(Readable.fromWeb(body as never), createWriteStream(this.#inside(file))),
          ),
        remove: async (file: string) =>
          await reached(async () => fs.rmSync(this.#inside(file), { force: true })),
      },
    };
    return sandbox as unknown as Sandbox;
  }
}

/** Everything of a workspace, byte for byte, with modes and links. */
export function contentOf(root: string): string {
  const lines: string[] = [];
  const walk = (folder: string) => {
    for (const name of fs.readdirSync(folder).toSorted()) {
      const at = path.join(folder, name);
      const stat = fs.lstatSync(at);
      const key = path.relative(root, at);
      if (stat.isSymbolicLink()) lines.push(`${key} -> ${fs.readlinkSync(at)}`);
      else if (stat.isDirectory()) {
        lines.push(`${key}/ ${(stat.mode & 0o777).toString(8)}`);
        walk(at);
      } else
        lines.push(
          `${key} ${(stat.mode & 0o777).toString(8)} ${createHash("sha1").update(fs.readFileSync(at)).digest("hex")}`,
        );
    }
  };
  walk(root);
  return lines.join("\n");
}

/** What a store does wrong, once. */
export type StoreFault = "full" | "flipped" | "cut" | "twice" | "slow";

const SLOW_MS = 500;

/** A name as a folder has it: convex-test's ids have signs that real ones have not. */
export const storedName = (name: string): string => name.replaceAll(/[^a-z0-9/.-]/gi, "-").toLowerCase();

/** A folder that stores, and now and then fails to. */
export class OddStore implements CheckpointStore {
  readonly folder: string;
  readonly #store: FolderStore;
  /** What the next `put` does wrong. */
  next: StoreFault | undefined;

  constructor(base: string) {
    this.folder = path.join(base, "store");
    this.#store = new FolderStore(this.folder);
  }

  async put(name: string, body: ReadableStream<Uint8Array>, maxBytes: number): Promise<void> {
    const fault = this.next;
    this.next = undefined;
    if (fault === "slow") await sleep(SLOW_MS);
    if (fault === undefined || fault === "slow")
      return await this.#store.put(storedName(name), body, maxBytes);
    const bytes = Buffer.from(await new Response(body).arrayBuffer());
    if (fault === "full") throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    if (fault === "flipped") bytes[Math.floor(bytes.length / 2)]! ^= 1;
    const stored = fault === "cut" ? bytes.subarray(0, bytes.length - 1) : bytes;
    const times = fault === "twice" ? 2 : 1;
    for (let time = 0; time < times; time += 1)
      await this.#store.put(storedName(name), new Blob([new Uint8Array(stored)]).stream(), maxBytes);
  }

  async get(name: string): Promise<ReadableStream<Uint8Array>> {
    return await this.#store.get(storedName(name));
  }

  async remove(name: string): Promise<void> {
    await this.#store.remove(storedName(name));
  }

  /** As a server has it. */
  as(life: Life): CheckpointStore {
    return {
      put: async (...args) => await life.call(async () => await this.put(...args)),
      get: async (name) => await life.call(async () => await this.get(name)),
      remove: async (name) => await life.call(async () => await this.remove(name)),
    };
  }

  names(): string[] {
    if (!fs.existsSync(this.folder)) return [];
    return fs
      .readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.folder, path.join(entry.parentPath, entry.name)));
  }

  /** Flips a bit of what is stored. */
  spoil(name: string): void {
    const file = path.join(this.folder, storedName(name));
    const bytes = fs.readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    fs.writeFileSync(file, bytes);
  }
}

/** Convex as a server has it. */
export function dataAs(life: Life, data: Data): Data {
  return {
    query: async (fn, args) => await life.call(async () => await data.query(fn, args)),
    mutation: async (fn, args) => await life.call(async () => await data.mutation(fn, args)),
  };
}

/** Where all of it is; removed at the end. */
export async function makeBase(): Promise<{ base: string; programs: string; remove: () => void }> {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "checkpoint-faults-"));
  const programs = path.join(base, "programs");
  await bundleAgent(process.cwd(), programs, ["checkpoint"]);
  const remove = () => {
    execFileSync("chmod", ["-R", "u+rwx", base]);
    fs.rmSync(base, { recursive: true, force: true });
  };
  return { base, programs, remove };
}
