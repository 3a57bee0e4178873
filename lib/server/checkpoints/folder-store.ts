import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { TooLarge } from "#net/body.ts";
import { type CheckpointStore, NotStored } from "./checkpoint-store.ts";
import { storedName } from "./names.ts";

/** Keeps each name as a file below one folder. */
export class FolderStore implements CheckpointStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #place(name: string): string {
    return path.join(this.#folder, storedName(name));
  }

  async put(name: string, body: ReadableStream<Uint8Array>, maxBytes: number): Promise<void> {
    const place = this.#place(name);
    await fs.mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
    const draft = `${place}.${randomUUID()}.part`;
    try {
      const file = await fs.open(draft, "wx", 0o600);
      try {
        let bytes = 0;
        for await (const piece of body) {
          bytes += piece.length;
          if (bytes > maxBytes) throw new TooLarge(maxBytes);
          await file.writeFile(piece);
        }
        // It counts as saved once it is read back: it must be on the disk by then.
        await file.sync();
      } finally {
        await file.close();
      }
      await fs.rename(draft, place);
    } catch (error) {
      await fs.rm(draft, { force: true });
      throw error;
    }
  }

  async get(name: string): Promise<ReadableStream<Uint8Array>> {
    const place = this.#place(name);
    try {
      await fs.access(place);
    } catch {
      throw new NotStored(name);
    }
    return Readable.toWeb(createReadStream(place)) as ReadableStream<Uint8Array>;
  }

  async remove(name: string): Promise<void> {
    const place = this.#place(name);
    const folder = path.dirname(place);
    const names = await fs.readdir(folder).catch(() => []);
    // With what a server has left of it that ended in the middle.
    const its = names.filter(
      (one) => one === path.basename(place) || one.startsWith(`${path.basename(place)}.`),
    );
    for (const one of its) await fs.rm(path.join(folder, one), { force: true });
    // The session's own folder goes with its last checkpoint.
    await fs.rmdir(folder).catch(() => undefined);
  }
}
