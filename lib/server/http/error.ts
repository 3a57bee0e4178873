import { type Problem, type ProblemCode, PROBLEMS } from "../../contracts/problem.ts";
import { problemFor } from "../../domain/problems.ts";
import { refusalOf } from "../convex/refusal.ts";
import { isUnreachable } from "../convex/retry.ts";
import { causesOf } from "../../net/transport.ts";
import { log } from "../log.ts";

/** A refusal with a stable code and a sentence for the person; everything else that is thrown is a fault of ours. */
export class HttpError extends Error {
  readonly code: ProblemCode;
  readonly errors: { path: string; message: string }[] | undefined;

  /** Sent with the answer. */
  readonly headers: Record<string, string>;

  constructor(
    code: ProblemCode,
    detail: string,
    errors?: { path: string; message: string }[],
    headers: Record<string, string> = {},
  ) {
    super(detail);
    this.headers = headers;
    this.name = "HttpError";
    this.code = code;
    this.errors = errors;
  }
}

/** The refusal in an error that Convex sent, if it is one. */
function fromConvex(error: unknown): HttpError | undefined {
  const data = refusalOf(error);
  if (!data?.code || !Object.hasOwn(PROBLEMS, data.code)) return undefined;
  return new HttpError(data.code as ProblemCode, data.message ?? "Refused.");
}

const MAX_LOGGED = 2_000;

/** Any throw as the refusal that is sent for it. What is none of ours is logged. */
export function asHttpError(error: unknown, requestId: string): HttpError {
  if (error instanceof HttpError) return error;
  const refusal = fromConvex(error);
  if (refusal) return refusal;
  log("error", "request failed", { requestId, error: causesOf(error).slice(0, MAX_LOGGED) });
  if (isUnreachable(error)) return new HttpError("unavailable", problemFor("database_unreachable").message);
  return new HttpError("internal", problemFor("internal", { requestId }).message);
}

const TITLES: Partial<Record<ProblemCode, string>> = {
  unauthenticated: "Not signed in",
  not_found: "Not found",
  forbidden: "Not allowed",
  internal: "Internal error",
};

/** A refusal as RFC 9457 problem details. @param instance the path that was asked for */
export function problemOf(refusal: HttpError, instance: string, requestId: string): Problem {
  const words = refusal.code.replaceAll("_", " ");
  return {
    type: `urn:studio:problem:${refusal.code}`,
    title: TITLES[refusal.code] ?? words.charAt(0).toUpperCase() + words.slice(1),
    status: PROBLEMS[refusal.code],
    detail: refusal.message,
    instance,
    code: refusal.code,
    requestId,
    ...(refusal.errors && { errors: refusal.errors }),
  };
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
      ...refusal.headers,
    },
  });
}
