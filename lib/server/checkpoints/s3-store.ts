import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  NoSuchKey,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { TooLarge } from "#net/body.ts";
import { type CheckpointStore, NotStored } from "./checkpoint-store.ts";
import { limited } from "./limited.ts";
import { storedName } from "./names.ts";

/** Parts that are held in memory at once, and how large they are: with 10,000 of them, far more than a pack may have. */
const PART_BYTES = 8_000_000;
const PARTS_AT_ONCE = 2;
/** Uploads of one name that one removal ends. */
const MAX_UPLOADS = 100;

/** Keeps each name as an object of one bucket, below a prefix: S3, or what speaks its protocol. */
export class S3Store implements CheckpointStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(client: S3Client, { bucket, prefix }: { bucket: string; prefix: string }) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  #place(name: string) {
    return { Bucket: this.#bucket, Key: this.#prefix + storedName(name) };
  }

  async put(name: string, body: ReadableStream<Uint8Array>, maxBytes: number): Promise<void> {
    let tooLarge: TooLarge | undefined;
    const pieces = limited(body, maxBytes, (error) => {
      tooLarge = error;
    });
    const upload = new Upload({
      client: this.#client,
      params: {
        ...this.#place(name),
        Body: Readable.fromWeb(pieces as Parameters<typeof Readable.fromWeb>[0]),
      },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    try {
      await upload.done();
    } catch (error) {
      throw tooLarge ?? error;
    }
  }

  async get(name: string): Promise<ReadableStream<Uint8Array>> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#place(name)));
      if (!Body) throw new NotStored(name);
      return Body.transformToWebStream() as ReadableStream<Uint8Array>;
    } catch (error) {
      throw error instanceof NoSuchKey ? new NotStored(name) : error;
    }
  }

  /** What servers have left of an object that ended in the middle: it is no object yet, and costs like one. */
  async #unfinished(key: string): Promise<string[]> {
    try {
      const { Uploads = [] } = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: key, MaxUploads: MAX_UPLOADS }),
      );
      return Uploads.flatMap(({ Key, UploadId }) =>
        Key === key && UploadId !== undefined ? [UploadId] : [],
      );
    } catch (error) {
      // Some servers of one's own end what is unfinished by themselves, and list nothing.
      if (error instanceof S3ServiceException && error.name === "NotImplemented") return [];
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const place = this.#place(name);
    for (const UploadId of await this.#unfinished(place.Key))
      await this.#client.send(new AbortMultipartUploadCommand({ ...place, UploadId }));
    await this.#client.send(new DeleteObjectCommand(place));
  }
}
