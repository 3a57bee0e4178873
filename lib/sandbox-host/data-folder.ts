import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { StartError } from "./errors.ts";
import { makeFolders, removeTree } from "./folders.ts";
import { isAlive, markOf, type ProcessMark } from "./processes.ts";
import { removeGroup } from "./walls/cgroups.ts";

const markSchema = z.object({ pid: z.int(), startTime: z.string().optional() });
const recordSchema = z.object({ process: markSchema, cgroups: z.array(z.string()) });

/** What the next host must know of a sandbox to clean up after this one. */
export interface SandboxRecord {
  process: ProcessMark;
  cgroups: readonly string[];
}

/** The folder that a host keeps its state in, held by one host at a time. */
export class DataFolder {
  readonly root: string;
  readonly sandboxes: string;
  /** What all sandboxes see of the system, made by each host for itself. */
  readonly system: string;
  readonly snapshots: string;
  /** What is being deleted. */
  private readonly trash: string;
  private readonly deletions = new Set<Promise<void>>();

  constructor(root: string) {
    this.root = root;
    this.sandboxes = path.join(root, "sandboxes");
    this.system = path.join(root, "system");
    this.snapshots = path.join(root, "snapshots");
    this.trash = path.join(root, "trash");
  }

  /** Part of cgroup names, so that hosts with different folders never touch each other's. */
  get tag(): string {
    return createHash("sha256").update(this.root).digest("hex").slice(0, 8);
  }

  sandbox(id: string): string {
    return path.join(this.sandboxes, id);
  }

  /**
   * Makes the folder and takes it.
   * @throws StartError if another live host has it, or it cannot be written.
   */
  claim(): void {
    const lock = path.join(this.root, "host.json");
    try {
      // Not listable by others; sandboxes' own uids must still pass through to their own folder.
      makeFolders(this.sandboxes, 0o711);
      for (const folder of [this.snapshots, this.trash]) makeFolders(folder, 0o700);
      if (fs.existsSync(lock)) {
        const held = markSchema.safeParse(JSON.parse(fs.readFileSync(lock, "utf8") || "null"));
        if (held.success && isAlive({ startTime: undefined, ...held.data })) {
          throw new StartError(
            `${this.root} is in use by another sandbox host (process ${held.data.pid}); stop it or choose another --data.`,
          );
        }
      }
      fs.writeFileSync(lock, JSON.stringify(markOf(process.pid)));
      fs.rmSync(this.system, { recursive: true, force: true });
      makeFolders(this.system, 0o711);
    } catch (error) {
      if (error instanceof StartError) throw error;
      throw new StartError(
        `Cannot use ${this.root} as data folder: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  record(id: string, record: SandboxRecord): void {
    fs.writeFileSync(path.join(this.sandbox(id), "record.json"), JSON.stringify(record));
  }

  /** Takes a folder of this data folder away at once, and deletes it in its own time. */
  discard(folder: string, log: (line: string) => void): void {
    const doomed = path.join(this.trash, randomUUID());
    try {
      fs.renameSync(folder, doomed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    this.empty(doomed, log);
  }

  private empty(doomed: string, log: (line: string) => void): void {
    const deletion = removeTree(doomed)
      .catch((error: unknown) => log(`cannot delete ${doomed}: ${String(error)}`))
      .finally(() => this.deletions.delete(deletion));
    this.deletions.add(deletion);
  }

  /** Settles when all that was discarded is gone from the disk. */
  async emptied(): Promise<void> {
    await Promise.all(this.deletions);
  }

  /** Ends and removes what a host that was killed left here. Returns how many sandboxes that was. */
  async sweep(log: (line: string) => void): Promise<number> {
    for (const doomed of fs.readdirSync(this.trash)) this.empty(path.join(this.trash, doomed), log);
    const left = fs.readdirSync(this.sandboxes);
    for (const id of left) {
      const file = path.join(this.sandbox(id), "record.json");
      const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
      const parsed = text ? recordSchema.safeParse(JSON.parse(text)) : undefined;
      if (parsed?.success) {
        const mark = { startTime: undefined, ...parsed.data.process };
        if (isAlive(mark)) process.kill(mark.pid, "SIGKILL");
        await removeGroup(parsed.data.cgroups);
      }
      this.discard(this.sandbox(id), log);
    }
    return left.length;
  }
}
