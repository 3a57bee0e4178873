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

interface Made {
  template: string;
  versions: Record<string, string> | null;
  snapshot: { buildId: string } | null;
}

/**
 * How a session's template and its set-up snapshot stand now.
 * @param now as far as the organization's latest sessions tell
 * @param template that sandboxes are made of now: of another one, neither its versions nor its snapshots are known yet
 */
export function madeStates(
  began: Made,
  now: Made | null,
  template: string,
): { template: "same" | "changed"; versionsNow: Record<string, string> | null; snapshot: PieceState } {
  const known = now?.template === template ? now : null;
  const sorted = (versions: Record<string, string> | null) =>
    JSON.stringify(Object.entries(versions ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const isSame = began.template === template && (!known || sorted(began.versions) === sorted(known.versions));
  const id = began.snapshot?.buildId;
  const idNow = known?.snapshot?.buildId;
  return {
    template: isSame ? "same" : "changed",
    versionsNow: known?.versions ?? null,
    snapshot: id === idNow ? "same" : idNow === undefined ? "gone" : "changed",
  };
}

/** A template's name and Studio's version, of the text that has both. */
export function templateParts(template: string): { name: string; studioVersion: string } {
  const at = template.lastIndexOf("@");
  return at < 0
    ? { name: template, studioVersion: "" }
    : { name: template.slice(0, at), studioVersion: template.slice(at + 1) };
}
