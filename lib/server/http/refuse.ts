import type { ProblemCode } from "../../contracts/problem.ts";
import { type CodeOf, type Given, type ProblemKind, problemFor } from "../../domain/problems.ts";
import { HttpError } from "./error.ts";

/** The kinds that the API can refuse with. */
type ApiKind = { [K in ProblemKind]: CodeOf<K> extends ProblemCode ? K : never }[ProblemKind];

/** What goes with a refusal besides its sentence. */
export interface Besides {
  errors?: { path: string; message: string }[];
  /** Sent with the response. */
  headers?: Record<string, string>;
}

/** A refusal of a kind, to be thrown: it becomes problem details with the kind's code and sentence. */
export const refuse = <K extends ApiKind>(kind: K, ...given: Given<K>): HttpError =>
  refuseWith({}, kind, ...given);

/** The same, with more than a sentence. */
export function refuseWith<K extends ApiKind>(
  { errors, headers }: Besides,
  kind: K,
  ...given: Given<K>
): HttpError {
  const { code, message } = problemFor(kind, ...given);
  return new HttpError(code, message, errors, headers);
}
