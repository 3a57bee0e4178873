/** The uid that processes have inside a sandbox. */
export const INSIDE_UID = 1000;

const PREFERRED_FIRST = 200_000;
const PREFERRED_COUNT = 100_000;
/** Below this are accounts of people and services. */
const LOWEST = 20_000;

/** The range of host uids that sandboxes get, from /proc/self/uid_map: a container may have but 65,536. */
export function uidRange(uidMap: string): { first: number; count: number } | undefined {
  const highest = Math.max(
    ...uidMap
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([first = 0, , count = 0]) => first + count - 1),
  );
  if (highest >= PREFERRED_FIRST + PREFERRED_COUNT) return { first: PREFERRED_FIRST, count: PREFERRED_COUNT };
  // The last of a map are nobody's and nogroup's.
  const count = highest - 100 - LOWEST;
  return count > 0 ? { first: LOWEST, count } : undefined;
}
