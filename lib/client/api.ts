import type { Models } from "../contracts/account.ts";
import type { Problem } from "../contracts/problem.ts";
import type { CreateSessionBody, PayerResponse, Run } from "../contracts/sessions.ts";
import type { KeySource } from "../domain/catalog.ts";
import type { EventEnvelope } from "../domain/events.ts";
import type { Session } from "../domain/session.ts";

/**
 * A request that was refused or never arrived. `message` is a sentence for people;
 * `status` is 0 where no answer came, and `code` is then `network` or `timeout`.
 */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly fields: readonly { path: string; message: string }[];

  constructor(message: string, facts: { code: string; status: number } & Partial<Problem>) {
    super(message);
    this.name = "ApiError";
    this.code = facts.code;
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

/**
 * Calls one of Studio's routes with the cookie of the page.
 * @param timeoutMs until the answer's head; 30 s by default
 * @throws ApiError
 */
export async function request<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  { body, timeoutMs = TIMEOUT_MS }: { body?: unknown; timeoutMs?: number } = {},
): Promise<T> {
  const init: RequestInit = {
    method,
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(timeoutMs),
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  };
  const response = await fetch(path, init).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (!response.ok) throw await errorOf(response);
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(error);
  });
  try {
    return (text === "" ? undefined : JSON.parse(text)) as T;
  } catch {
    throw new ApiError("Studio's response isn't JSON. A proxy in between may have changed it.", {
      code: "bad_answer",
      status: response.status,
    });
  }
}

export type { Models, PayerResponse, Run };

const sessionPath = (id: string) => `/api/studio/sessions/${encodeURIComponent(id)}`;

/** Starts a session; it is in `provisioning` when this answers. */
export const createSession = (body: CreateSessionBody) =>
  request<{ sessionId: string; session: Session }>("POST", "/api/studio/sessions", { body });

/** Sends a message; it waits its turn while the agent works. */
export const sendMessage = (id: string, message: string) =>
  request<{ runId: string }>("POST", `${sessionPath(id)}/message`, { body: { message } });

/** Starts the idle clock anew. */
export const keepSession = (id: string) =>
  request<{ ok: true }>("POST", `${sessionPath(id)}/keepalive`, { body: {} });

/** Ends the run at work, or takes back the one that is named and still waits; the session stays. */
export const cancelRun = (id: string, runId?: string) =>
  request<unknown>("POST", `${sessionPath(id)}/cancel`, { body: runId === undefined ? {} : { runId } });

/** Sets what the session may cost; a run that paused at the old cap goes on by itself. @param cap micro-USD */
export const setBudgetCap = (id: string, cap: number) =>
  request<{ session: Session }>("PATCH", sessionPath(id), { body: { budgetCapMicroUsd: cap } });

/** Who pays for a session, and who would if its key were refused. */
export const payerOf = (id: string) => request<PayerResponse>("GET", `${sessionPath(id)}/payer`);

/** Lets another pay for a session whose key was refused. @throws ApiError no_key | not_waiting */
export const changePayer = (id: string, keySource: KeySource) =>
  request<{ session: Session }>("POST", `${sessionPath(id)}/payer`, { body: { keySource } });

/** Gives a session another title. */
export const renameSession = (id: string, title: string) =>
  request<{ session: Session }>("PATCH", sessionPath(id), { body: { title } });

/** Puts a session that has ended away from the lists, or back. */
export const archiveSession = (id: string, archived: boolean) =>
  request<{ session: Session }>("PATCH", sessionPath(id), { body: { archived } });

/** Ends a session and its sandbox. */
export const stopSession = (id: string) => request<undefined>("DELETE", sessionPath(id));

export type Decision = "approved" | "approved_for_session" | "denied" | "abort";

/** Turns on or off that every question of the agent is answered with yes. */
export const setAutoApprove = (id: string, on: boolean) =>
  request<{ session: Session }>("PATCH", sessionPath(id), { body: { autoApprove: on } });

/** Decides an approval, once; a denial may have a reason, which the agent is told. @throws ApiError `already_decided` */
export const decideApproval = (runId: string, key: string, decision: Decision, reason?: string) =>
  request<{ ok: true }>(
    "POST",
    `/api/v1/runs/${encodeURIComponent(runId)}/approvals/${encodeURIComponent(key)}`,
    { body: { decision, ...(reason !== undefined && { reason }) } },
  );

/** Answers what the agent asks, once, or leaves it unanswered. @throws ApiError `already_decided` */
export const answerQuestion = (
  runId: string,
  key: string,
  body: { answers: readonly (readonly string[])[] } | { dismiss: true },
) =>
  request<{ ok: true }>(
    "POST",
    `/api/v1/runs/${encodeURIComponent(runId)}/questions/${encodeURIComponent(key)}`,
    { body },
  );

/** A run as it is stored: with what it came to, and what it cost. */
export const fetchRun = async (runId: string): Promise<Run> =>
  (await request<{ run: Run }>("GET", `/api/v1/runs/${encodeURIComponent(runId)}`)).run;

/** A text that was too long for its event. */
export const fetchArtifact = async (id: string, artifactId: string): Promise<string> => {
  const path = `/api/v1/sessions/${encodeURIComponent(id)}/artifacts/${encodeURIComponent(artifactId)}`;
  return (await request<{ artifact: { text: string } }>("GET", path)).artifact.text;
};

/** A page of a session's log. @param after the sequence number behind which it begins */
export const listEvents = (id: string, after: number, limit: number) =>
  request<{ events: EventEnvelope[]; next_cursor: string | null }>(
    "GET",
    `/api/v1/sessions/${encodeURIComponent(id)}/events?cursor=${after}&limit=${limit}`,
  );

/** Where a session's events stream from. */
export const eventsPath = (id: string) => `${sessionPath(id)}/events`;
