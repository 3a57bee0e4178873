/**
 * Where the bytes of checkpoints are kept. A name is written once, never changed, and known to a row before it is: so no
 * store has to list what it holds.
 */
export interface CheckpointStore {
  /**
   * Stores bytes under a name; where it throws, nothing of them can be read.
   * @throws TooLarge where there are more than `maxBytes`, and what the store's own service throws
   */
  put: (name: string, body: ReadableStream<Uint8Array>, maxBytes: number) => Promise<void>;
  /** The bytes of a name. @throws NotStored where there are none */
  get: (name: string) => Promise<ReadableStream<Uint8Array>>;
  /** Removes a name; of one that is not there nothing changes. */
  remove: (name: string) => Promise<void>;
}

/** There is nothing of that name. */
export class NotStored extends Error {}
