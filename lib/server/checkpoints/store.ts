import path from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { type Env, env } from "../env.ts";
import { singleton } from "../singleton.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { ConvexStore } from "./convex-store.ts";
import { FolderStore } from "./folder-store.ts";
import { S3Store } from "./s3-store.ts";

function s3Store(settings: Env): S3Store {
  const { STUDIO_S3_ACCESS_KEY_ID: accessKeyId, STUDIO_S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  const client = new S3Client({
    region: settings.STUDIO_S3_REGION,
    // Without keys, the machine's own role speaks for it, as the SDK finds it.
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    // Servers of one's own have no name for each bucket.
    ...(settings.STUDIO_S3_ENDPOINT !== undefined && {
      endpoint: settings.STUDIO_S3_ENDPOINT,
      forcePathStyle: true,
    }),
    // Packs are hashed before and after; many servers of one's own refuse the SDK's checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  // `parseSettings` has seen to it that a bucket is named.
  return new S3Store(client, { bucket: settings.STUDIO_S3_BUCKET!, prefix: settings.STUDIO_S3_PREFIX });
}

/** This process's store, which all servers share: a folder, Convex's file storage, or a bucket. */
export const checkpointStore = (): CheckpointStore =>
  singleton("checkpoint-store", () => {
    const settings = env();
    if (settings.STUDIO_CHECKPOINT_STORE === "convex") return new ConvexStore(settings.CONVEX_URL);
    if (settings.STUDIO_CHECKPOINT_STORE === "s3") return s3Store(settings);
    return new FolderStore(
      settings.STUDIO_CHECKPOINT_DIR ?? path.join(settings.STUDIO_DATA_DIR, "checkpoints"),
    );
  });
