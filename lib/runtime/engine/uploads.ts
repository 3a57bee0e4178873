import type { Store } from "../storage/sqlite.ts";
import { PlatformError } from "./errors.ts";
import type { Executor } from "./executor.ts";
import { uploadTarget, type FileInfo, type Files } from "./files.ts";

/** What the network needs of stored files. */
export type FileTransfer = Pick<Uploads, "begin" | "append" | "finish" | "abandon" | "info" | "piece">;

/** The hour of an upload's address is over: its bearer is told so. */
export class UploadExpired extends PlatformError {
  constructor() {
    super("Store File Authorization expired");
  }
}

export interface UploadParts {
  store: Store;
  executor: Executor;
  /** The files of a component, by its path. */
  filesOf: (component: string) => Files | undefined;
  /** The component that a file's id belongs to; undefined for what is no id of ours. */
  ownerOf: (id: string) => string | undefined;
}

/** Files over the network, a piece at a time, so that no file needs to fit into memory. */
export class Uploads {
  private readonly parts: UploadParts;

  constructor(parts: UploadParts) {
    this.parts = parts;
  }

  /** The id that the file will have. @throws PlatformError for a token that is not valid, or no longer */
  begin(token: string): Promise<string> {
    const { executor, filesOf, store } = this.parts;
    return executor.view(({ now }) => {
      const target = uploadTarget(store, token, now);
      if (target === "expired") throw new UploadExpired();
      const files = target === null ? undefined : filesOf(target.component);
      if (files) return files.newFile(now);
      throw new PlatformError("Couldn't decode the StoreFileAuthorization token");
    });
  }

  /** Stores the piece number `n` (from 0), of `PIECE_BYTES` each but the last. */
  append(id: string, n: number, bytes: Uint8Array): Promise<void> {
    return this.parts.executor.write(async ({ store }) => store.addPiece(id, n, bytes));
  }

  /** Makes the pieces a file, or forgets them. @throws PlatformError if `expected` is another hash */
  async finish(file: FileInfo, expected?: string): Promise<void> {
    try {
      await this.parts.executor.write(async (transaction) => {
        const files = this.filesWith(file.id);
        if (!files) throw new PlatformError("The component that this file is for is no longer there.");
        files.finish(transaction, file, expected);
      });
    } catch (error) {
      await this.abandon(file.id);
      throw error;
    }
  }

  abandon(id: string): Promise<void> {
    return this.parts.executor.write(async ({ store }) => store.removePieces(id));
  }

  info(id: string): Promise<FileInfo | null> {
    return this.parts.executor.view((transaction) => this.filesWith(id)?.info(transaction, id) ?? null);
  }

  piece(id: string, n: number): Promise<Uint8Array | null> {
    const { executor, store } = this.parts;
    return executor.read(async () => store.piece(id, n) ?? null);
  }

  /** Removes what a crash has left of uploads. To be called before any upload begins. */
  forgetOrphans(): Promise<void> {
    return this.parts.executor.write(async ({ store }) => store.removeOrphanedPieces());
  }

  private filesWith(id: string): Files | undefined {
    const owner = this.parts.ownerOf(id);
    return owner === undefined ? undefined : this.parts.filesOf(owner);
  }
}
