/** What the title of a branch begins with, before its session's own. */
export const BRANCH_OF = "Branch of ";

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

/** What a branch's agent is told to be: what the session's was when it began, or what it is now. */
export const BRANCH_AGENTS = ["pinned", "newest"] as const;
