"use client";

import { useStanding } from "#client/live-approvals.ts";
import { clock } from "#client/format.ts";
import { useNow } from "#client/use-now.ts";
import type { ApprovalView } from "#domain/session-view.ts";

/**
 * Who may approve a request, and why the reader may not; both undefined until that is known. Whether they may is decided
 * where the answer arrives.
 */
export function useApprovers({ runId, key }: Pick<ApprovalView, "runId" | "key">): {
  words: string | undefined;
  obstacle: string | undefined;
} {
  const standing = useStanding(runId, key);
  const now = useNow(1000);
  const obstacle = standing?.obstacle;
  if (!obstacle) return { words: standing?.words, obstacle: undefined };
  if (obstacle.by === "role") return { words: standing.words, obstacle: "You can deny it." };
  const { untilMs } = obstacle;
  if (untilMs === null || now === null)
    return { words: standing.words, obstacle: "You started this run. You can deny it." };
  return {
    words: standing.words,
    obstacle:
      now >= untilMs
        ? undefined
        : `You started this run. You can deny it now, or approve it in ${clock(untilMs - now)}.`,
  };
}
