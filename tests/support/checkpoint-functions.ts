import { type Access, actor, type Ids, member, service } from "./function-access.ts";

const ofOrder = ({ sessionId, rewindId }: Ids) => ({ sessionId, rewindId, generation: 99 });

/** Those of checkpoints, of resuming, and of going back. */
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
  "sessionRewinds:target": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    what: "both",
    undo: true,
  })),
  "sessionRewinds:start": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    what: "both",
    undo: true,
    overwrite: [],
    keep: [],
  })),
  "sessionRewinds:take": service(({ sessionId }) => ({ sessionId, generation: 99 })),
  "sessionRewinds:begin": service((ids) => ofOrder(ids)),
  "sessionRewinds:applied": service((ids) => ({
    ...ofOrder(ids),
    kept: [],
    counts: { added: 0, changed: 0, deleted: 0 },
  })),
  "sessionRewinds:fail": service((ids) => ({ ...ofOrder(ids), error: "e", paths: [], restart: false })),
  "checkpointFiles:uploadUrl": service(),
  "checkpointFiles:keep": service(() => ({ storedAs: "s", file: "none" })),
  "checkpointFiles:url": service(() => ({ storedAs: "s" })),
  "checkpointFiles:remove": service(() => ({ storedAs: "s" })),
  "checkpoints:begin": service(({ sessionId }) => ({ sessionId, cause: "turn", storedAs: "s" })),
  "checkpointKeys:add": service(({ organizationId }) => ({
    organizationId,
    after: null,
    wrapped: "w",
    kekVersion: 1,
  })),
  "checkpointKeys:wrappedBy": service(() => ({ kekVersion: 1 })),
  "checkpointKeys:rewrap": service(({ checkpointKeyId }) => ({
    id: checkpointKeyId,
    before: "w",
    wrapped: "v",
    kekVersion: 1,
  })),
  "checkpoints:alive": service(({ checkpointId }) => ({ checkpointId, storedAs: "other" })),
  "checkpoints:taken": service(({ checkpointId }) => ({ checkpointId, storedAs: "other" })),
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
