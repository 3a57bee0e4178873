import { type Problem, type ProblemCode, PROBLEMS } from "#contracts/problem.ts";
import { problemDetails } from "#domain/problems/details.ts";
import { type CodeOf, type Given, type ProblemKind, problemFor } from "#domain/problems.ts";
import type { Params } from "#domain/problems/kind.ts";
import { refusalOf } from "../convex/refusal.ts";
import { isUnreachable } from "../convex/retry.ts";
import { causesOf } from "#net/transport.ts";
import { log } from "../log.ts";
import { isDiskFull } from "./disk-full.ts";

/** The kinds that the API can refuse with. */
export type ApiKind = { [K in ProblemKind]: CodeOf<K> extends ProblemCode ? K : never }[ProblemKind];

/** What goes with a refusal besides its code and its sentence. */
export interface Besides {
  /** What exactly is refused, for a program, and the values of its sentence. */
  kind?: string;
  params?: Params;
  errors?: { path: string; message: string }[];
  /** Sent with the response. */
  headers?: Record<string, string>;
}

/** A refusal with a stable code and a sentence for the person; everything else that is thrown is a fault of ours. */
export class HttpError extends Error {
  readonly code: ProblemCode;
  readonly besides: Besides;

  constructor(code: ProblemCode, detail: string, besides: Besides = {}) {
    super(detail);
    this.name = "HttpError";
    this.code = code;
    this.besides = besides;
  }
}

/** The refusal of a kind. */
function ofKind<K extends ApiKind>(kind: K, ...given: Given<K>): HttpError {
  const { code, message, params } = problemFor(kind, ...given);
  return new HttpError(code, message, { kind, params });
}

/** The refusal in an error that Convex sent, if it is one. */
function fromConvex(error: unknown): HttpError | undefined {
  const data = refusalOf(error);
  if (!data?.code || !Object.hasOwn(PROBLEMS, data.code)) return undefined;
  const { kind, params } = data;
  return new HttpError(data.code as ProblemCode, data.message ?? "Refused.", {
    ...(kind !== undefined && { kind }),
    ...(params !== undefined && { params }),
  });
}

const MAX_LOGGED = 2_000;

/** Any throw as the refusal that is sent for it. What is none of ours is logged. */
export function asHttpError(error: unknown, requestId: string): HttpError {
  if (error instanceof HttpError) return error;
  const refusal = fromConvex(error);
  if (refusal) return refusal;
  log("error", "request failed", { requestId, error: causesOf(error).slice(0, MAX_LOGGED) });
  if (isDiskFull(error)) return ofKind("disk_full");
  return isUnreachable(error) ? ofKind("database_unreachable") : ofKind("internal", { requestId });
}

/** A refusal as RFC 9457 problem details. @param instance the path that was asked for */
export function problemOf(refusal: HttpError, instance: string, requestId: string): Problem {
  const { kind, params, errors } = refusal.besides;
  const { code, message } = refusal;
  return problemDetails({ code, message, kind, params, errors }, instance, requestId);
}

/** Any throw as RFC 9457 problem details. */
export function problemResponse(error: unknown, request: Request, requestId: string): Response {
  const refusal = asHttpError(error, requestId);
  const problem = problemOf(refusal, new URL(request.url).pathname, requestId);
  const { status } = problem;
  return Response.json(problem, {
    status,
    headers: {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...(status === 401 && { "www-authenticate": "Bearer" }),
      ...refusal.besides.headers,
    },
  });
}
