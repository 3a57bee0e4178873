/**
 * Some models give each of their calls the same id, or number them again in each turn. The second call of an id in a run
 * is shown under an id of its own, so that nothing that was decided for the first covers it.
 */

import { createHash } from "node:crypto";

/** A longer id is shown by its hash: it stands in many rows. */
const MAX_ID_CHARS = 200;
/** A tilde of the id itself is doubled, so that no id is taken for a repeated one. */
const SHOWN = /^((?:[^~]|~~)*)(?:~(\d+))?$/s;

/** The id under which the log has a call. @param call 1 for the first of that id in its run */
export function shownId(id: string, call: number): string {
  const short = id.length <= MAX_ID_CHARS ? id : createHash("sha256").update(id).digest("hex");
  const escaped = short.replaceAll("~", "~~");
  return call === 1 ? escaped : `${escaped}~${call}`;
}

/** The agent's id of a call that the log has, and which of that id it is. */
export function callOf(shown: string): { id: string; call: number } {
  const [, escaped = shown, call = "1"] = SHOWN.exec(shown) ?? [];
  return { id: escaped.replaceAll("~~", "~"), call: Number(call) };
}
