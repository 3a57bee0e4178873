import { randomInt } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { DataFolder } from "./data-folder.ts";
import { ApiError } from "./errors.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Template } from "./templates.ts";

const RECORD = "snapshot.json";
const DEFAULT_TAG = "default";
const NAME = /^[a-z0-9][a-z0-9_.-]{0,127}(:[a-z0-9][a-z0-9_.-]{0,127})?$/i;
const MAX_PAGE = 100;

const recordSchema = z.object({
  /** As E2B has it: the name, or else letters of its own, with a tag behind. */
  id: z.string(),
  sandboxId: z.string(),
  template: z.string(),
  createdAt: z.number(),
  /** Whose its files are on disk; not known of older ones, and of those of a host that is not root. */
  owner: z.number().optional(),
});

export type Snapshot = z.infer<typeof recordSchema> & { folder: string };

const withTag = (name: string): string => (name.includes(":") ? name : `${name}:${DEFAULT_TAG}`);

/** The files of sandboxes, kept for others to start from, until they are deleted. They outlast sandbox and host. */
export class Snapshots {
  private readonly kept = new Map<string, Snapshot>();
  /** How many sandboxes read the files of each folder, and which of those are to go once none does. */
  private readonly readers = new Map<string, number>();
  private readonly doomed = new Set<string>();
  private readonly data: DataFolder;
  private readonly templates: ReadonlyMap<string, Template>;
  private readonly log: (line: string) => void;

  /** Finds those that an earlier host made; half of one is thrown away. */
  constructor(data: DataFolder, templates: ReadonlyMap<string, Template>, log: (line: string) => void) {
    this.data = data;
    this.templates = templates;
    this.log = log;
    for (const name of fs.readdirSync(data.snapshots)) {
      const folder = path.join(data.snapshots, name);
      const file = path.join(folder, RECORD);
      const found = fs.existsSync(file)
        ? recordSchema.safeParse(JSON.parse(fs.readFileSync(file, "utf8")))
        : undefined;
      if (found?.success) this.kept.set(found.data.id, { ...found.data, folder });
      else data.discard(folder, log);
    }
  }

  /**
   * Keeps a sandbox's home and workspace as they are now; its processes stand still meanwhile. A snapshot of
   * the same name is replaced.
   * @throws ApiError 400 if the name cannot be one, 409 if a template has it
   */
  async create(sandbox: Sandbox, name: string | undefined): Promise<Snapshot> {
    if (name !== undefined && !NAME.test(name)) {
      throw new ApiError(400, `'${name}' cannot name a snapshot: use letters, digits, '_', '.' and '-'`);
    }
    const bare = name?.split(":")[0] ?? "";
    if (this.templates.has(bare)) throw new ApiError(409, `'${bare}' is a template's name`);
    const letters = Array.from({ length: 20 }, () => randomInt(36).toString(36)).join("");
    const folder = path.join(this.data.snapshots, letters);
    const record = {
      id: withTag(name ?? letters),
      sandboxId: sandbox.id,
      template: sandbox.spec.template.base ?? sandbox.spec.template.name,
      createdAt: Date.now(),
      ...(sandbox.uid !== undefined && { owner: sandbox.uid }),
    };
    fs.mkdirSync(folder, { mode: 0o700 });
    try {
      await sandbox.whileStill(async () => await sandbox.copyFiles(folder));
    } catch (error) {
      this.data.discard(folder, this.log);
      throw error;
    }
    // Written last: what has no record is not a snapshot.
    fs.writeFileSync(path.join(folder, RECORD), JSON.stringify(record));
    this.remove(record.id);
    const snapshot = { ...record, folder };
    this.kept.set(record.id, snapshot);
    return snapshot;
  }

  private find(id: string): Snapshot | undefined {
    return this.kept.get(withTag(id));
  }

  /** What a sandbox starts from that is created from a snapshot: its template, with the snapshot's files. */
  templateOf(id: string): Template | undefined {
    const snapshot = this.find(id);
    const template = snapshot && this.templates.get(snapshot.template);
    if (!template) return undefined;
    const { folder } = snapshot;
    const files = { home: path.join(folder, "home"), workspace: path.join(folder, "workspace") };
    const { owner } = snapshot;
    return {
      ...template,
      ...files,
      name: snapshot.id,
      base: template.name,
      ...(owner !== undefined && { below: { folder, owner } }),
      hold: () => this.hold(folder),
    };
  }

  private hold(folder: string): () => void {
    this.readers.set(folder, (this.readers.get(folder) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.readers.get(folder) ?? 1) - 1;
      this.readers.set(folder, left);
      if (left > 0) return;
      this.readers.delete(folder);
      if (this.doomed.delete(folder)) this.data.discard(folder, this.log);
    };
  }

  /** False if there is none. */
  remove(id: string): boolean {
    const snapshot = this.find(id);
    if (!snapshot) return false;
    this.kept.delete(snapshot.id);
    // From here on it is none, for the next host too.
    fs.rmSync(path.join(snapshot.folder, RECORD), { force: true });
    if (this.readers.has(snapshot.folder)) this.doomed.add(snapshot.folder);
    else this.data.discard(snapshot.folder, this.log);
    return true;
  }

  /** One page, newest first, by E2B's query parameters: sandboxID, name, limit, nextToken. */
  page(query: URLSearchParams): { items: Snapshot[]; next?: string } {
    const [sandboxId, name] = [query.get("sandboxID"), query.get("name")];
    const limit = query.has("limit") ? Number(query.get("limit")) : MAX_PAGE;
    if (!Number.isInteger(limit) || limit < 1)
      throw new ApiError(400, "limit must be a whole number above 0");
    const position = (snapshot: Snapshot) => `${String(snapshot.createdAt).padStart(16, "0")} ${snapshot.id}`;
    const token = Buffer.from(query.get("nextToken") ?? "", "base64url").toString();
    const matching = [...this.kept.values()]
      .filter((snapshot) => !sandboxId || snapshot.sandboxId === sandboxId)
      .filter((snapshot) => !name || snapshot.id === name || snapshot.id.split(":")[0] === name)
      .filter((snapshot) => token === "" || position(snapshot) < token)
      .toSorted((a, b) => (position(a) < position(b) ? 1 : -1));
    const items = matching.slice(0, Math.min(limit, MAX_PAGE));
    const last = items.at(-1);
    return last && matching.length > items.length
      ? { items, next: Buffer.from(position(last)).toString("base64url") }
      : { items };
  }
}
