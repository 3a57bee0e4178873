import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { StartError } from "./errors.ts";
import { isAlive, markOf, type ProcessMark } from "./processes.ts";
import { removeGroup } from "./walls/cgroups.ts";

const markSchema = z.object({ pid: z.int(), startTime: z.string().optional() });
const recordSchema = z.object({ process: markSchema, cgroups: z.array(z.string()) });

/** What the next host must know of a sandbox to clean up after this one. */
export interface SandboxRecord {
  process: ProcessMark;
  cgroups: readonly string[];
}

/** Makes a folder and those above it. Node's own `recursive` never returns where mkdir(2) is impossible, as in /proc. */
function makeFolders(folder: string, mode: number): void {
  if (fs.existsSync(folder)) return;
  makeFolders(path.dirname(folder), mode);
  fs.mkdirSync(folder, { mode });
}

/** Gives the owner back the folders of a tree; links are not followed. */
async function openFolders(folder: string): Promise<void> {
  await fs.promises.chmod(folder, 0o700);
  for (const entry of await fs.promises.readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(path.join(folder, entry.name));
  }
}

/** The folder that a host keeps its state in, held by one host at a time. */
export class DataFolder {
  readonly root: string;
  readonly sandboxes: string;
  readonly envd: string;

  constructor(root: string) {
    this.root = root;
    this.sandboxes = path.join(root, "sandboxes");
    this.envd = path.join(root, "envd");
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
      if (fs.existsSync(lock)) {
        const held = markSchema.safeParse(JSON.parse(fs.readFileSync(lock, "utf8") || "null"));
        if (held.success && isAlive({ startTime: undefined, ...held.data })) {
          throw new StartError(
            `${this.root} is in use by another sandbox host (process ${held.data.pid}); stop it or choose another --data.`,
          );
        }
      }
      fs.writeFileSync(lock, JSON.stringify(markOf(process.pid)));
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

  /** Removes a sandbox's files, whatever it did to their permissions. */
  async discard(id: string): Promise<void> {
    const remove = () => fs.promises.rm(this.sandbox(id), { recursive: true, force: true, maxRetries: 3 });
    try {
      await remove();
    } catch (error) {
      if (!["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      await openFolders(this.sandbox(id));
      await remove();
    }
  }

  /** Ends and removes what a host that was killed left here. Returns how many sandboxes that was. */
  async sweep(): Promise<number> {
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
      await this.discard(id);
    }
    return left.length;
  }
}
