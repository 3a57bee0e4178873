/** What a session began with, piece by piece, and what of that is something else by now. Pure. */

/** How a piece stands: as it was, something else by now, or no longer there. */
export const PIECE_STATES = ["same", "changed", "gone"] as const;
export type PieceState = (typeof PIECE_STATES)[number];

interface PinnedSkill {
  root: string;
  name: string;
  revision: number;
  sha256: string | null;
}

const placeOf = ({ root, name }: PinnedSkill): string => `${root}/${name}`;

/** The skills that a session began with, each with how it stands now. */
export function skillStates<T extends PinnedSkill>(
  began: readonly T[],
  now: readonly PinnedSkill[],
): (T & { state: PieceState })[] {
  const there = new Map(now.map((skill) => [placeOf(skill), skill]));
  return began.map((skill) => {
    const found = there.get(placeOf(skill));
    return { ...skill, state: !found ? "gone" : found.revision === skill.revision ? "same" : "changed" };
  });
}

/** Names of the skills that came since. */
export function newSkills(began: readonly PinnedSkill[], now: readonly PinnedSkill[]): string[] {
  const known = new Set(began.map(placeOf));
  return now.filter((skill) => !known.has(placeOf(skill))).map(({ name }) => name);
}
