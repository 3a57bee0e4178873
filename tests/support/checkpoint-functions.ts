import { type Access, actor, member, service } from "./function-access.ts";

/** Those of checkpoints, and of resuming. */
export const CHECKPOINT_FUNCTIONS: Record<string, Access> = {
  "due:saves": service(() => ({ now: 0 })),
  "due:stored": service(() => ({ now: 0 })),
  "sessionResume:start": member("member", "sessions:write", "not_found", ({ sessionId }) => ({ sessionId })),
  "sessionCheckpoints:list": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({
    sessionId,
    paginationOpts: { numItems: 10, cursor: null },
  })),
  "sessionCheckpoints:request": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
  })),
  "savedWork:storage": member("viewer", "settings:read", "own"),
  "sessionBranches:create": actor("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    fromSeq: 1,
    provider: "demo",
    model: "demo",
    keySource: "platform",
  })),
  "checkpoints:begin": service(({ sessionId }) => ({ sessionId, cause: "turn", storedAs: "s" })),
  "checkpoints:finish": service(({ checkpointId }) => ({
    checkpointId,
    storedAs: "other",
    previous: null,
    commit: "c",
    tree: "t",
    sha256: "s",
    bytes: 1,
    files: 1,
    workspaceBytes: 1,
    leftOut: [],
    leftOutCount: 0,
  })),
  "checkpoints:unchanged": service(({ checkpointId }) => ({ checkpointId, storedAs: "other" })),
  "checkpoints:fail": service(({ checkpointId }) => ({ checkpointId, storedAs: "other", error: "e" })),
  "checkpoints:release": service(({ checkpointId }) => ({ checkpointId })),
  "checkpoints:removed": service(({ checkpointId }) => ({ checkpointId })),
  "checkpoints:stored": service(({ sessionId }) => ({ sessionId })),
};
