import path from "node:path";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { FolderStore } from "./folder-store.ts";

/** This process's store: a folder, which several servers share. */
export const checkpointStore = (): CheckpointStore =>
  singleton("checkpoint-store", () => {
    const { STUDIO_CHECKPOINT_DIR, STUDIO_DATA_DIR } = env();
    return new FolderStore(STUDIO_CHECKPOINT_DIR ?? path.join(STUDIO_DATA_DIR, "checkpoints"));
  });
