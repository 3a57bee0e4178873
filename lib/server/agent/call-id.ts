/**
 * Some models give each of their calls the same id, or number them anew in each turn. The second call of an id in a run
 * is shown under an id of its own, so that nothing that was decided for the first covers it.
 */

const REPEATED = /^(.*)~(\d+)$/s;

/** The id under which the log has a call. @param call 1 for the first of that id in its run */
export function shownId(id: string, call: number): string {
  return call === 1 ? id : `${id}~${call}`;
}

/** The agent's id of a call that the log has, and which of that id it is. */
export function callOf(shown: string): { id: string; call: number } {
  const [, id = shown, call = "1"] = REPEATED.exec(shown) ?? [];
  return { id, call: Number(call) };
}
