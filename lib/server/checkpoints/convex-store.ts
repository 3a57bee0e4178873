import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { TooLarge } from "#net/body.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { type CheckpointStore, NotStored } from "./checkpoint-store.ts";
import { limited } from "./limited.ts";
import { storedName } from "./names.ts";

/** Convex gives an upload two minutes (https://docs.convex.dev/file-storage/upload-files). */
const TRANSFER_MS = 120_000;
const uploaded = z.object({ storageId: z.string().min(1).max(200) });

/** What Convex's file storage said in place of taking or giving a file. */
class FileStorageFailed extends Error {}

/** A function that uploads or downloads: Node's `fetch`, or a test's own. */
type Fetch = typeof fetch;

/**
 * Keeps each name as a file of Convex's file storage, so that servers need no folder in common. A row gives a file its
 * name; a file that got none, since a server ended in between, is removed by Convex's own sweep.
 */
export class ConvexStore implements CheckpointStore {
  readonly #url: string;
  readonly #data: () => Data;
  readonly #fetch: Fetch;

  /** @param url Convex's address as this server reaches it, which browsers may reach at another */
  constructor(url: string, data: () => Data = serviceData, fetcher: Fetch = fetch) {
    this.#url = url;
    this.#data = data;
    this.#fetch = fetcher;
  }

  #reached(url: string): URL {
    const { pathname, search } = new URL(url);
    return new URL(pathname + search, this.#url);
  }

  async put(name: string, body: ReadableStream<Uint8Array>, maxBytes: number): Promise<void> {
    const storedAs = storedName(name);
    const url = await this.#data().mutation(api.checkpointFiles.uploadUrl, {});
    let tooLarge: TooLarge | undefined;
    const pieces = limited(body, maxBytes, (error) => {
      tooLarge = error;
    });
    // TypeScript's own list of a request's fields lacks `duplex`, without which Node sends no stream.
    const request: RequestInit & { duplex: "half" } = {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: pieces,
      duplex: "half",
      signal: AbortSignal.timeout(TRANSFER_MS),
    };
    const response = await this.#fetch(this.#reached(url), request).catch((error: unknown) => {
      // The client says in its own way that its body broke off.
      throw tooLarge ?? error;
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new FileStorageFailed(`Convex's file storage refused a file with HTTP ${response.status}.`);
    }
    const { storageId } = uploaded.parse(await response.json());
    await this.#data().mutation(api.checkpointFiles.keep, { storedAs, file: storageId });
  }

  async get(name: string): Promise<ReadableStream<Uint8Array>> {
    const storedAs = storedName(name);
    const url = await this.#data().query(api.checkpointFiles.url, { storedAs });
    if (url === null) throw new NotStored(name);
    const response = await this.#fetch(this.#reached(url), { signal: AbortSignal.timeout(TRANSFER_MS) });
    if (response.ok && response.body) return response.body;
    await response.body?.cancel();
    if (response.status === 404) throw new NotStored(name);
    throw new FileStorageFailed(`Convex's file storage gave no file but HTTP ${response.status}.`);
  }

  async remove(name: string): Promise<void> {
    await this.#data().mutation(api.checkpointFiles.remove, { storedAs: storedName(name) });
  }
}
