import type { Draft, Of } from "./projection-draft.ts";

/** Where a session branches from, and what it began with. */
export interface BranchView {
  parentId: string;
  /** As it was called then. */
  parentTitle: string;
  fromSeq: number;
  by: string;
  /** When the files were saved that it began with, epoch milliseconds, and the parent's last event then; undefined for none. */
  saved?: { at: number; seq: number };
  /** How many turns its agent was told of in short. */
  toldTurns: number;
}

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
