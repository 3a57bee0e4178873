import { addressOf } from "#contracts/address.ts";
import type { Problem } from "#contracts/problem.ts";
import type { CallName, CallOf, JsonOf, SentBody } from "#contracts/routes.ts";
import type { Run } from "#contracts/sessions.ts";
import type { KeySource } from "#domain/catalog.ts";
import type { EventFilter } from "#domain/event-filter.ts";
import { renewSignIn } from "./renew-sign-in.ts";
import { noteServerTime } from "./server-clock.ts";

/**
 * A request that was refused or never arrived. `message` is a sentence for people;
 * `status` is 0 where no answer came, and `code` is then `network` or `timeout`.
 */
export class ApiError extends Error {
  readonly code: string;
  /** What exactly was refused, and the values of its sentence, where the API says so. */
  readonly kind: string | undefined;
  readonly params: Problem["params"];
  readonly status: number;
  readonly requestId: string | undefined;
  readonly fields: readonly { path: string; message: string }[];

  constructor(message: string, facts: { code: string; status: number } & Partial<Problem>) {
    super(message);
    this.name = "ApiError";
    this.code = facts.code;
    this.kind = facts.kind;
    this.params = facts.params;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.fields = facts.errors ?? [];
  }
}

/** Any failure as an ApiError, so that a page has one shape to show. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(message, { code: "internal", status: 0 });
}

const FALLBACK: Record<number, string> = {
  401: "You're no longer signed in. Sign in again.",
  403: "You don't have permission to do this.",
  404: "This doesn't exist or was deleted.",
  429: "Too many requests. Wait a moment, then try again.",
  502: "Studio is starting or being updated. Try again in a moment.",
  503: "Studio is busy. Try again in a moment.",
};

/** The error that an answer stands for: problem details, or the identity driver's `{code, message}`. */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  let body: Partial<Problem> & { message?: unknown } = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) body = parsed;
  } catch {
    body = {};
  }
  const said = body.detail ?? body.message;
  const message =
    typeof said === "string" && said !== ""
      ? said
      : (FALLBACK[response.status] ?? `Something went wrong (${response.status}). Try again.`);
  return new ApiError(message, {
    ...body,
    code: typeof body.code === "string" ? body.code : "unknown",
    status: response.status,
    requestId: body.requestId ?? response.headers.get("x-request-id") ?? undefined,
  });
}

/** The error of a request that got no answer. */
export function unreachable(error: unknown): ApiError {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return new ApiError(
      "Studio didn't respond in time. Your request may still go through, so check before you repeat it.",
      {
        code: "timeout",
        status: 0,
      },
    );
  return new ApiError("Can't reach Studio. Check your connection, then try again.", {
    code: "network",
    status: 0,
  });
}

const TIMEOUT_MS = 30_000;

/** A trace that begins with this call (W3C Trace Context), so that what comes of a click is found by it. */
function newTraceparent(): string {
  const hex = (bytes: number) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0"));
  return `00-${hex(16).join("")}-${hex(8).join("")}-01`;
}

/** What goes with a call of a route: what the route declares, and how long its response may take. */
export type Call<N extends CallName> = CallOf<N> & { timeoutMs?: number };
/** A call whose parts can all be left out needs none. */
type Rest<N extends CallName> = object extends CallOf<N> ? [call?: Call<N>] : [call: Call<N>];

/** Whether nobody was signed in, so that nothing was done; the operator's routes return 404 then. */
const isSignedOut = (path: string, status: number): boolean =>
  status === 401 || (status === 404 && path.startsWith("/api/operator/"));

interface Parts {
  params?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  timeoutMs?: number;
}

/**
 * Calls one of Studio's routes with the cookie of the page.
 * @param name of the route; what goes with it, and what comes back, is as the table of routes declares it
 * @param call `timeoutMs` is until the response's head; 30 s by default
 * @returns the response's JSON; the server's tests check it against the same table
 * @throws ApiError
 */
export async function call<N extends CallName>(name: N, ...[given]: Rest<N>): Promise<JsonOf<N>> {
  const { params, query, body, timeoutMs = TIMEOUT_MS }: Parts = given ?? {};
  const { method, path } = addressOf(name, { params, query });
  const send = async () => {
    const sentAt = Date.now();
    const answer = await fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        traceparent: newTraceparent(),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw unreachable(error);
    });
    noteServerTime(answer, sentAt);
    return answer;
  };
  let response = await send();
  if (isSignedOut(path, response.status) && (await renewSignIn())) response = await send();
  if (!response.ok) throw await errorOf(response);
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(error);
  });
  if (text === "") return undefined as JsonOf<N>;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError("Studio's response isn't JSON. A proxy in between may have changed it.", {
      code: "bad_answer",
      status: response.status,
    });
  }
}

export type { Models } from "#contracts/account.ts";
export type { PayerResponse, Run } from "#contracts/sessions.ts";

/** Starts a session; it is in `provisioning` when this returns. */
export const createSession = async (body: SentBody<"POST /api/studio/sessions">) =>
  await call("POST /api/studio/sessions", { body });

/** Sends a message; it waits its turn while the agent works. */
export const sendMessage = async (id: string, message: string) =>
  await call("POST /api/studio/sessions/{id}/message", { params: { id }, body: { message } });

/** Restarts the idle timeout. */
export const keepSession = async (id: string) =>
  await call("POST /api/studio/sessions/{id}/keepalive", { params: { id } });

/** Cancels the run that is going, or the named one, which may still wait; the session stays live. */
export const cancelRun = async (id: string, runId?: string) =>
  await call("POST /api/studio/sessions/{id}/cancel", {
    params: { id },
    body: runId === undefined ? {} : { runId },
  });

const update = async (id: string, body: SentBody<"PATCH /api/studio/sessions/{id}">) =>
  await call("PATCH /api/studio/sessions/{id}", { params: { id }, body });

/** Sets what the session may cost; a run that paused at the old cap continues by itself. @param cap micro-USD */
export const setBudgetCap = async (id: string, cap: number) => await update(id, { budgetCapMicroUsd: cap });

/** Gives a session another title. */
export const renameSession = async (id: string, title: string) => await update(id, { title });

/** Archives a session that has ended, or puts it back into the lists. */
export const archiveSession = async (id: string, archived: boolean) => await update(id, { archived });

/** Turns automatic approval on or off. */
export const setAutoApprove = async (id: string, on: boolean) => await update(id, { autoApprove: on });

/** Who pays for a session, and who would if its key were refused. */
export const payerOf = async (id: string) =>
  await call("GET /api/studio/sessions/{id}/payer", { params: { id } });

/** Lets another pay for a session whose key was refused. @throws ApiError no_key | not_waiting */
export const changePayer = async (id: string, keySource: KeySource) =>
  await call("POST /api/studio/sessions/{id}/payer", { params: { id }, body: { keySource } });

/** Has a session that has ended go on from what was saved. */
export const resumeSession = async (id: string) =>
  await call("POST /api/studio/sessions/{id}/resume", { params: { id } });

/** Saves a session's work, and ends it and its sandbox. */
export const stopSession = async (id: string) =>
  await call("DELETE /api/studio/sessions/{id}", { params: { id } });

export type Decision = "approved" | "approved_for_session" | "denied" | "abort";

/** Decides an approval, once; a denial may have a reason for the agent. @throws ApiError `already_decided` */
export const decideApproval = async (
  run_id: string,
  approval_key: string,
  decision: Decision,
  reason?: string,
) =>
  await call("POST /api/v1/runs/{run_id}/approvals/{approval_key}", {
    params: { run_id, approval_key },
    body: { decision, ...(reason !== undefined && { reason }) },
  });

/** Answers what the agent asks, once, or dismisses it. @throws ApiError `already_decided` */
export const answerQuestion = async (
  run_id: string,
  question_key: string,
  body: SentBody<"POST /api/v1/runs/{run_id}/questions/{question_key}">,
) =>
  await call("POST /api/v1/runs/{run_id}/questions/{question_key}", {
    params: { run_id, question_key },
    body,
  });

/** A run as it is stored: with its result, and what it cost. */
export const fetchRun = async (run_id: string): Promise<Run> =>
  (await call("GET /api/v1/runs/{run_id}", { params: { run_id } })).run;

/** A text that was too long for its event. */
export const fetchArtifact = async (id: string, artifact_id: string): Promise<string> => {
  const params = { id, artifact_id };
  return (await call("GET /api/v1/sessions/{id}/artifacts/{artifact_id}", { params })).artifact.text;
};

/** A page of a session's log. @param after the sequence number behind which it begins; `filter`: what is wanted of it */
export const listEvents = async (
  id: string,
  after: number,
  limit: number,
  { types, from, until, text }: EventFilter & { from?: number | undefined } = {},
) =>
  await call("GET /api/v1/sessions/{id}/events", {
    params: { id },
    query: {
      cursor: Math.max(after, (from ?? 1) - 1),
      limit,
      ...(types && { types: [...types] }),
      ...(until !== undefined && { to_seq: until }),
      ...(text !== undefined && { text }),
    },
  });

/** Where a session's events stream from. */
export const eventsPath = (id: string) =>
  addressOf("GET /api/studio/sessions/{id}/events", { params: { id } }).path;
