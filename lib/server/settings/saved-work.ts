import { api } from "#convex/_generated/api.js";
import type { SavedWork } from "#contracts/saved.ts";
import { CHECKPOINT_LIMITS } from "#domain/checkpoints.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";

/** What the caller's organization has saved, and the limits of that. */
export async function savedWork(caller: Principal): Promise<SavedWork> {
  const { usedBytes, limitBytes, notSaved } = await dataFor(caller).query(api.savedWork.storage, {});
  return {
    used_bytes: usedBytes,
    limit_bytes: limitBytes,
    max_file_bytes: CHECKPOINT_LIMITS.maxFileBytes,
    max_workspace_bytes: CHECKPOINT_LIMITS.maxBytes,
    max_files: CHECKPOINT_LIMITS.maxFiles,
    not_saved: notSaved,
  };
}
