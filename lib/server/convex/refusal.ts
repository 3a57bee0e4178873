import type { Params } from "../../domain/problems/kind.ts";

/** By this `convex` marks its errors, since a process may hold its class more than once. */
const MARK = Symbol.for("ConvexError");

/** What a function on Convex refused with; undefined for every other error. */
export function refusalOf(
  error: unknown,
): { code?: string; kind?: string; params?: Params; message?: string } | undefined {
  if (!(error instanceof Error) || !(MARK in error)) return undefined;
  const { data } = error as Error & { data?: unknown };
  return typeof data === "object" && data !== null ? data : {};
}

/** True where another server has taken the session over. */
export function isLeaseLost(error: unknown): boolean {
  return refusalOf(error)?.code === "lease_lost";
}
