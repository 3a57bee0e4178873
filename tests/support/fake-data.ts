import { type FunctionReference, getFunctionName } from "convex/server";
import type { Data } from "#server/convex/client.ts";

export interface Call {
  /** As in `sessionAgent:lost`. */
  name: string;
  args: Record<string, unknown>;
}

/** What a function returns, or throws; undefined where none is given. */
type Answers = Record<string, (args: Record<string, unknown>) => unknown>;

/** Convex for a test of one part: notes every call, and answers as the test says. */
export function fakeData(answers: Answers = {}): { data: Data; calls: Call[]; names: () => string[] } {
  const calls: Call[] = [];
  const call = async (fn: FunctionReference<"query" | "mutation">, args: Record<string, unknown>) => {
    const name = getFunctionName(fn);
    calls.push({ name, args });
    return answers[name]?.(args);
  };
  return { data: { query: call, mutation: call } as Data, calls, names: () => calls.map(({ name }) => name) };
}

/** An error as Convex's own functions refuse with. */
export function refusal(code: string): Error {
  return Object.assign(new Error(code), { [Symbol.for("ConvexError")]: true, data: { code } });
}

/** Lets everything happen that needs no more time. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
