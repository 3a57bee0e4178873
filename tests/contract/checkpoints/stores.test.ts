import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CheckpointStore, NotStored } from "#server/checkpoints/checkpoint-store.ts";
import { ConvexStore } from "#server/checkpoints/convex-store.ts";
import { FolderStore } from "#server/checkpoints/folder-store.ts";
import { S3Store } from "#server/checkpoints/s3-store.ts";
import { DataService } from "#tests/data.ts";

/** More than one part of an upload to a bucket. */
const LARGE = randomBytes(20_000_000);
const MAX = 30_000_000;
const PIECE = 1_000_000;
const BUCKET = "studio-checkpoints";
const PREFIX = "studio/";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "checkpoint-stores-"));
const server = new S3rver({
  port: 0,
  address: "127.0.0.1",
  silent: true,
  directory: path.join(folder, "s3"),
});
let s3: S3Client;
let data: DataService;
const stores = new Map<string, CheckpointStore>();

beforeAll(async () => {
  const { port } = await server.run();
  s3 = new S3Client({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  data = await DataService.start();
  const client = await data.service();
  stores.set("a folder", new FolderStore(path.join(folder, "store")));
  stores.set("Convex's file storage", new ConvexStore(data.url, () => client));
  stores.set("a bucket", new S3Store(s3, { bucket: BUCKET, prefix: PREFIX }));
});
afterAll(async () => {
  s3?.destroy();
  await server.close();
  await data?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Bytes as they come from a sandbox: in pieces, and with a break where one is wanted. */
const streamOf = (bytes: Uint8Array, breaksAt = Number.POSITIVE_INFINITY) => {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at >= breaksAt) return controller.error(new Error("the sandbox is gone"));
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + PIECE));
      at += PIECE;
    },
  });
};
const read = async (store: CheckpointStore, name: string) =>
  Buffer.from(await new Response(await store.get(name)).arrayBuffer());

describe.each(["a folder", "Convex's file storage", "a bucket"])("%s", (kind) => {
  const store = () => stores.get(kind)!;

  test("gives back what it was given, under its name alone", async () => {
    await store().put("s/large.pack", streamOf(LARGE), MAX);
    await store().put("s/small.pack", streamOf(Buffer.from("small")), MAX);
    expect((await read(store(), "s/large.pack")).equals(LARGE)).toBe(true);
    expect((await read(store(), "s/small.pack")).toString()).toBe("small");
    await expect(store().get("s/none.pack")).rejects.toThrow(NotStored);
  });

  test.each([
    ["more than may come", () => streamOf(LARGE), PIECE * 3, { limit: PIECE * 3 }],
    ["what breaks off", () => streamOf(LARGE, 12 * PIECE), MAX, {}],
  ])("keeps nothing of %s", async (_what, body, maxBytes, error) => {
    await expect(store().put("s/broken.pack", body(), maxBytes)).rejects.toMatchObject(error);
    await expect(store().get("s/broken.pack")).rejects.toThrow(NotStored);
  });

  test("forgets a name, also one that is not there", async () => {
    await store().put("s/gone.pack", streamOf(Buffer.from("gone")), MAX);
    await store().remove("s/gone.pack");
    await store().remove("s/gone.pack");
    await expect(store().get("s/gone.pack")).rejects.toThrow(NotStored);
  });

  test.each(["../x.pack", "/x.pack", "s/../x.pack", "s/x", ".pack", "S/x.pack"])(
    "has no place for the name %s",
    async (name) => {
      await expect(store().put(name, streamOf(Buffer.from("x")), MAX)).rejects.toThrow("no name");
      await expect(store().get(name)).rejects.toThrow("no name");
      await expect(store().remove(name)).rejects.toThrow("no name");
    },
  );
});

test("a bucket is told to let go of uploads of that name that a server has left", async () => {
  const asked: string[] = [];
  const uploads = ["s/left.pack", "s/left.pack.other"]
    .map((name) => `<Upload><Key>${PREFIX}${name}</Key><UploadId>of-${name}</UploadId></Upload>`)
    .join("");
  // The bucket above lists no uploads; this one answers as S3 documents it.
  const bucket = http.createServer((request, response) => {
    asked.push(`${request.method} ${decodeURIComponent(request.url ?? "")}`);
    if (request.method === "DELETE") return response.writeHead(204).end();
    return response.end(`<ListMultipartUploadsResult>${uploads}</ListMultipartUploadsResult>`);
  });
  bucket.listen(0, "127.0.0.1");
  await once(bucket, "listening");
  const { port } = bucket.address() as AddressInfo;
  const client = new S3Client({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
  });
  await new S3Store(client, { bucket: BUCKET, prefix: PREFIX }).remove("s/left.pack");
  client.destroy();
  bucket.close();
  expect(asked.filter((line) => line.startsWith("DELETE"))).toEqual([
    `DELETE /${BUCKET}/${PREFIX}s/left.pack?uploadId=of-s/left.pack&x-id=AbortMultipartUpload`,
    `DELETE /${BUCKET}/${PREFIX}s/left.pack?x-id=DeleteObject`,
  ]);
});

test("a bucket's objects begin with the prefix", async () => {
  await stores.get("a bucket")!.put("s/placed.pack", streamOf(Buffer.from("x")), MAX);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents.map(({ Key }) => Key)).toContain(`${PREFIX}s/placed.pack`);
  for (const { Key } of Contents) expect(Key?.startsWith(PREFIX)).toBe(true);
});
