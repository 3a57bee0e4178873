/** The loop breaker: how a call of the agent is told from another, and when one that repeats is asked about. Pure. */

import { WORKSPACE_FOLDER } from "./skills.ts";

/** So often the agent may make the same call in a row; the last of them is asked about, whatever rules allow. */
export const MAX_SAME_CALLS = 5;

/** Arguments that are nested deeper are compared as they stand: nothing is walked without end. */
const MAX_DEPTH = 32;

function canonical(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return JSON.stringify(value);
  if (Array.isArray(value)) return value.map((item) => canonical(item, depth + 1));
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // As pairs: a field may have any name.
  return { fields: fields.map(([name, field]) => [name, canonical(field, depth + 1)]) };
}

/** OpenCode adds where a command runs to some of its calls, by when it tells of them; the workspace says nothing new. */
function told({ cwd, ...input }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return cwd === undefined || cwd === WORKSPACE_FOLDER ? input : { ...input, cwd };
}

/** A call as a text that two have in common where the tool and all arguments are the same, in whatever order they stand. */
export const callText = (tool: string, input: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([tool, canonical(told(input), 0)]);

/** The last call of a run, and how often it was made in a row. */
export interface SameCall {
  runId: string;
  callId: string;
  /** SHA-256 of `callText`. */
  hash: string;
  count: number;
}

/**
 * Counts a call. A different one in between, or another run, begins again; the same one told a second time is no other.
 * @param last undefined before the first
 */
export function countCall(last: SameCall | undefined, call: Omit<SameCall, "count">): SameCall | null {
  if (last?.runId === call.runId && last.callId === call.callId) return null;
  const isSame = last?.runId === call.runId && last.hash === call.hash;
  return { ...call, count: isSame ? last.count + 1 : 1 };
}

/** What a person is asked of a call that repeats. */
export const sameCallQuestion = (count: number): string =>
  `The agent has made the same call ${count} times. Let it go on?`;
