import { ConvexError } from "convex/values";
import { type Given, type ProblemKind, problemFor } from "#domain/problems.ts";
import type { Params } from "#domain/problems/kind.ts";

// Not an interface: those have no index, so Convex does not take them for a value.
type Refusal = { code: string; kind: string; params: Record<string, Params[string]>; message: string };

/** A refusal of a kind, to be thrown. The server turns its code into an HTTP status. */
export function refuse<K extends ProblemKind>(kind: K, ...given: Given<K>): ConvexError<Refusal> {
  const problem: Refusal = problemFor(kind, ...given);
  return new ConvexError(problem);
}

/** Why something was refused, as a sentence; undefined for what is no refusal. */
export function refusalWords(error: unknown): string | undefined {
  const { message } = error instanceof ConvexError ? (error.data as { message?: unknown }) : {};
  return typeof message === "string" ? message : undefined;
}
