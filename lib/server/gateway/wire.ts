import { type Given, type ProblemKind, problemFor } from "#domain/problems.ts";
import type { WireFormat } from "#domain/catalog.ts";

/** One call that the gateway passes on, as its path says. */
export interface Target {
  format: WireFormat;
  /** What follows the upstream's base URL, with the model in it where the format has it there. */
  path: string;
  /** The model that the path names; null where the body names it. */
  model: string | null;
  /** Whether the path asks for a stream; null where the body says so. */
  streaming: boolean | null;
}

const GOOGLE = /^models\/([^/:]+):(generateContent|streamGenerateContent)$/;
const PATHS: Record<string, WireFormat> = {
  "v1/chat/completions": "openai-chat",
  "v1/responses": "openai-responses",
  "v1/messages": "anthropic",
};

/**
 * What a path below the provider's part of the gateway's address asks for; null for all that makes no completion.
 * @param segments of the path, decoded or not
 */
export function targetOf(segments: readonly string[]): Target | null {
  let path: string;
  try {
    path = decodeURIComponent(segments.join("/"));
  } catch {
    // A malformed escape names no path that is on the list.
    return null;
  }
  const format = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
  if (format) return { format, path: path.slice("v1/".length), model: null, streaming: null };
  const [version, ...rest] = path.split("/");
  const google = version === "v1beta" ? GOOGLE.exec(rest.join("/")) : null;
  if (!google) return null;
  const [, model = "", method] = google;
  return {
    format: "google",
    path: `models/${encodeURIComponent(model)}:${method}`,
    model,
    streaming: method === "streamGenerateContent",
  };
}

/** The format whose errors a path's clients read, known path or not. */
export function errorFormatOf(segments: readonly string[]): WireFormat {
  if (segments[0] === "v1beta") return "google";
  return segments[0] === "v1" && segments[1] === "messages" ? "anthropic" : "openai-chat";
}

const ANTHROPIC_ERRORS: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
};
const GOOGLE_ERRORS: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  413: "INVALID_ARGUMENT",
  424: "FAILED_PRECONDITION",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};

/** Says of a refusal of the gateway's own why it is one: a provider's has none. */
export const REFUSAL_HEADER = "x-studio-refusal";

/** An error of the gateway's own, in the form that the format's clients read. */
export function refusal(format: WireFormat, status: number, code: string, message: string): Response {
  const init = { status, headers: { "cache-control": "no-store", [REFUSAL_HEADER]: code } };
  if (format === "anthropic") {
    const type = ANTHROPIC_ERRORS[status] ?? "api_error";
    return Response.json({ type: "error", error: { type, message } }, init);
  }
  if (format === "google") {
    const name = GOOGLE_ERRORS[status] ?? "INTERNAL";
    return Response.json({ error: { code: status, message, status: name } }, init);
  }
  return Response.json({ error: { message, type: "studio_gateway", code, param: null } }, init);
}

/** The same for a refusal of a kind. */
export function refused<K extends ProblemKind>(
  format: WireFormat,
  status: number,
  kind: K,
  ...given: Given<K>
): Response {
  const { code, message } = problemFor(kind, ...given);
  return refusal(format, status, code, message);
}
