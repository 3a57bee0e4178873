import fs from "node:fs";

/**
 * How a model call ended: with its whole answer, with a status, broken off or left hanging as its script asked, or
 * because the client went away.
 */
export type Outcome = "answered" | "refused" | "cut" | "hung" | "left";

/** One model call, as the model itself saw it. Token figures are those that its answer gave, or would have given. */
export interface CallRecord {
  /** ISO 8601: when it began. */
  at: string;
  outcome: Outcome;
  status: number;
  prompt?: number;
  cached?: number;
  output?: number;
}

/** Writes each call to a file, as a line of JSON: the model's own word on what it did, whatever becomes of its callers. */
export function recorderTo(file: string): (call: CallRecord) => void {
  return (call) => fs.appendFileSync(file, `${JSON.stringify(call)}\n`);
}
