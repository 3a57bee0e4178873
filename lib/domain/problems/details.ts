import type { Params } from "./kind.ts";

/** Every way a request can be refused, and its HTTP status. The code is stable; the words may change. */
export const PROBLEMS = {
  invalid_request: 400,
  unknown_provider: 400,
  unknown_model: 400,
  unauthenticated: 401,
  no_key: 402,
  no_credits: 402,
  limit_reached: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  already_decided: 409,
  already_exists: 409,
  session_stopped: 409,
  session_limit: 409,
  repeat_differs: 409,
  not_ready: 409,
  file_changed: 409,
  project_moved: 409,
  key_unreadable: 409,
  terminal_limit: 409,
  queue_full: 409,
  not_waiting: 409,
  turn_running: 409,
  not_saved: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  not_implemented: 501,
  upstream_failed: 502,
  git_failed: 502,
  unavailable: 503,
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

const TITLES: Partial<Record<ProblemCode, string>> = {
  unauthenticated: "Not signed in",
  not_found: "Not found",
  forbidden: "Not allowed",
  internal: "Internal error",
  project_moved: "The project has changed",
};

/** A refusal, as far as it is told to whom it concerns. */
export interface Refused {
  code: ProblemCode;
  message: string;
  kind?: string | undefined;
  params?: Params | undefined;
  errors?: { path: string; message: string }[] | undefined;
}

/** A refusal as RFC 9457 problem details. @param instance the path that was asked for */
export function problemDetails(
  { code, message, kind, params, errors }: Refused,
  instance: string,
  requestId: string,
) {
  const words = code.replaceAll("_", " ");
  return {
    type: `urn:studio:problem:${code}`,
    title: TITLES[code] ?? words.charAt(0).toUpperCase() + words.slice(1),
    status: PROBLEMS[code],
    detail: message,
    instance,
    code,
    ...(kind !== undefined && { kind }),
    ...(params !== undefined && Object.keys(params).length > 0 && { params: { ...params } }),
    requestId,
    ...(errors && { errors }),
  };
}
