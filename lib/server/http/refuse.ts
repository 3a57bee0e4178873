import { type Given, problemFor } from "../../domain/problems.ts";
import { type ApiKind, type Besides, HttpError } from "./error.ts";

/** A refusal of a kind, to be thrown: it becomes problem details with the kind's code and sentence. */
export const refuse = <K extends ApiKind>(kind: K, ...given: Given<K>): HttpError =>
  refuseWith({}, kind, ...given);

/** The same, with more than a sentence. */
export function refuseWith<K extends ApiKind>(
  besides: Pick<Besides, "errors" | "headers">,
  kind: K,
  ...given: Given<K>
): HttpError {
  const { code, message, params } = problemFor(kind, ...given);
  return new HttpError(code, message, { ...besides, kind, params });
}
