import type { Draft, Of } from "./projection-draft.ts";

export function branched(draft: Draft, { payload: p }: Of<"session.branched">): void {
  draft.branch = {
    parentId: p.parent_session_id,
    parentTitle: p.parent_title,
    fromSeq: p.from_seq,
    by: p.branched_by,
    ...(p.saved_at !== undefined &&
      p.saved_seq !== undefined && { saved: { at: p.saved_at, seq: p.saved_seq } }),
    toldTurns: 0,
  };
}
