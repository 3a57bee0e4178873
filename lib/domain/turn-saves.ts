/** Which checkpoint a turn's end needs: decided in one place, for all that save it, wait for it, or go back to it. */

/** What a person does by hand is noted before it is done: a checkpoint that was begun so soon after may not hold it. */
const BY_HAND_MS = 5_000;

/** Of a session. Times are epoch milliseconds. */
interface TurnEnd {
  /** The last turn of its conversation; null before the first, undefined in rows from before this was noted. */
  lastTurn?: string | null | undefined;
  /** The checkpoint that says how that turn has left the files. */
  turnCheckpointId?: string | undefined;
  /** The latest checkpoint, whatever it shows, and when it was begun. */
  checkpointId?: string | undefined;
  savedAt?: number | undefined;
}

/** When a session is to be saved next: 0 for never; and when somebody last worked in it by hand. */
interface SaveRow {
  dueAt: number;
  workedAt?: number | undefined;
}

/** The checkpoint that is being taken. */
interface Going {
  /** The turn that was shown when it was begun; undefined where one was at work. */
  turn?: string | null | undefined;
  startedAt: number;
  /** Whether all of it was read. */
  isTaken?: boolean | undefined;
}

/**
 * - `turn`: its end is not saved, and the next turn waits for that
 * - `work`: it is, and somebody has worked by hand since: the next turn waits for that, too
 * - `look`: nothing is known to have changed, but something may have: who asks for a checkpoint gets one
 * - `saving`: the one that is being taken has read all of it
 * - `saved`: there is nothing to be saved
 */
export type TurnSave = "turn" | "work" | "look" | "saving" | "saved";

/** Of a branch, and of a session that goes on before its first turn, what it began with is saved. */
const isEndUnsaved = ({ lastTurn, turnCheckpointId, checkpointId }: TurnEnd): boolean =>
  turnCheckpointId === undefined && (lastTurn === undefined ? checkpointId === undefined : lastTurn !== null);

/**
 * What the end of a session's last turn still needs.
 * @param shown the turn whose end the session shows now; undefined while one is at work
 */
export function turnSave(
  end: TurnEnd,
  save: SaveRow | null,
  { going, shown }: { going?: Going | undefined; shown?: string | null | undefined } = {},
): TurnSave {
  const workedAt = save?.workedAt ?? Number.NEGATIVE_INFINITY;
  if (going?.isTaken === true && going.turn === shown && workedAt < going.startedAt - BY_HAND_MS)
    return "saving";
  if (isEndUnsaved(end)) return "turn";
  if (workedAt >= (end.savedAt ?? 0) - BY_HAND_MS) return "work";
  const isKnown = end.turnCheckpointId !== undefined && end.lastTurn !== undefined;
  // Where somebody works by hand, what they have changed is to be told from what the next turn changes.
  return isKnown && save?.dueAt === 0 && save.workedAt === undefined ? "saved" : "look";
}

/** Whether the next turn waits for a checkpoint first. */
export const waitsForSave = (save: TurnSave): boolean => save === "turn" || save === "work";

/**
 * The checkpoint that shows what was there right before a turn's message was sent.
 * @param checkpoints verified ones between turns, the earliest first
 * @param turn `previousTurn`: the one before it, null for none; `endedSeq`: the last event that can be before its end
 */
export const savedBefore = <T extends { turn: string | null; row: { seq: number } }>(
  checkpoints: readonly T[],
  { previousTurn, endedSeq }: { previousTurn: string | null; endedSeq: number },
): T | undefined =>
  // Also one that was begun after the message came, before the agent was told of it: it has what people did by hand.
  checkpoints.findLast(({ turn, row }) => turn === previousTurn && row.seq < endedSeq);
