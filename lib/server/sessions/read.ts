import { api } from "#convex/_generated/api.js";
import { pendingApprovalSchema } from "#contracts/sessions.ts";
import type {
  artifactSchema,
  eventsQuery,
  eventsResponse,
  pendingApprovalsResponse,
  pendingQuestionsResponse,
  sessionsResponse,
} from "#contracts/sessions.ts";
import type { approvalsQuery, approvalsResponse } from "#contracts/runs.ts";
import { iso } from "./run-view.ts";
import type { Principal } from "#domain/principal.ts";
import type { Session } from "#domain/session.ts";
import { approvalId } from "#domain/run-events.ts";
import type { SessionFilter } from "#domain/session-filter.ts";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";
import { toEnvelope } from "../stream/envelope.ts";

/** One session of the caller's organization. */
export async function getSession(caller: Principal, sessionId: string): Promise<Session> {
  return await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
}

/** A page of the organization's sessions, newest first; what the filter leaves of it. */
export async function listSessions(
  caller: Principal,
  { limit, cursor, ...filter }: { limit: number; cursor?: string | undefined } & SessionFilter,
): Promise<z.infer<typeof sessionsResponse>> {
  let truncated = false;
  const { rows, nextCursor } = await pageOf({ limit, cursor }, async (paginationOpts) => {
    const found = await dataFor(caller).query(api.sessionLists.search, { paginationOpts, ...filter });
    ({ truncated } = found);
    return found;
  });
  return { sessions: rows, nextCursor, truncated };
}

/** A page of a session's log, or of what a filter leaves of it. The cursor is the `seq` up to which was read. */
export async function listEvents(
  caller: Principal,
  sessionId: string,
  { limit, cursor, types, from_seq: from, to_seq: until, text }: z.output<typeof eventsQuery>,
): Promise<z.infer<typeof eventsResponse>> {
  const { events, last, isDone } = await dataFor(caller).query(api.events.list, {
    sessionId,
    limit,
    after: Math.max(cursor, from - 1),
    ...(types && { types }),
    ...(until !== undefined && { until }),
    ...(text !== undefined && { text }),
  });
  return { events: events.map(toEnvelope), next_cursor: isDone ? null : String(last) };
}

/** A text that was too long for its event. */
export async function getArtifact(
  caller: Principal,
  sessionId: string,
  artifactId: string,
): Promise<z.infer<typeof artifactSchema>> {
  const found = await dataFor(caller).query(api.artifacts.get, { sessionId, artifactId });
  const { createdAt, ...rest } = found;
  return { ...rest, created_at: new Date(createdAt).toISOString() };
}

/** A page of what the organization's agents asked leave for; what the filter leaves of it. */
export async function listApprovals(
  caller: Principal,
  { limit, cursor, status, environment, session_id, kind, order }: z.output<typeof approvalsQuery>,
): Promise<z.infer<typeof approvalsResponse>> {
  const filter = {
    decision: status,
    oldestFirst: order === "oldest",
    ...(environment && { environment }),
    ...(session_id !== undefined && { sessionId: session_id }),
    ...(kind && { act: kind }),
  };
  const { rows, nextCursor } = await pageOf(
    { limit, cursor },
    async (paginationOpts) => await dataFor(caller).query(api.approvals.open, { paginationOpts, ...filter }),
  );
  return {
    approvals: rows.map((row) => ({
      id: approvalId(row.runId, row.key),
      session_id: row.sessionId,
      run_id: row.runId,
      approval_key: row.key,
      tool_name: row.tool,
      tool_input: JSON.parse(row.request) as Record<string, unknown>,
      summary: row.summary,
      environment: row.environment,
      kinds: row.acts,
      asked_by: row.askedBy,
      requested_at: new Date(row.requestedAt).toISOString(),
      expires_at: new Date(row.expiresAt).toISOString(),
      on_expiry: row.onExpiry,
      status: row.decision,
      reason: row.reason,
      decided_by: row.decidedBy,
      decided_at: iso(row.decidedAt ?? undefined),
    })),
    next_cursor: nextCursor,
  };
}

/** What a run still asks, oldest first. */
export async function pendingApprovals(
  caller: Principal,
  runId: string,
): Promise<z.infer<typeof pendingApprovalsResponse>> {
  const rows = await dataFor(caller).query(api.approvals.pending, { runId });
  const now = Date.now();
  return {
    run_id: runId,
    approvals: rows.map((row) => ({
      run_id: runId,
      approval_key: row.key,
      tool: row.tool,
      summary: row.summary,
      request: JSON.parse(row.request) as Record<string, unknown>,
      ...toldIn(row.event),
      age_ms: Math.max(0, now - row.requestedAt),
    })),
  };
}

const eventFields = pendingApprovalSchema.pick({ diff: true, diffs: true, same_calls: true });

/** What would be changed, and why it is asked, by the event in which leave was asked for. */
function toldIn(event: string | null): z.infer<typeof eventFields> {
  return event === null ? {} : (eventFields.safeParse(JSON.parse(event)).data ?? {});
}

/** What a run's agent asks of a person, oldest first. */
export async function pendingQuestions(
  caller: Principal,
  runId: string,
): Promise<z.infer<typeof pendingQuestionsResponse>> {
  const rows = await dataFor(caller).query(api.questions.pending, { runId });
  const now = Date.now();
  return {
    run_id: runId,
    questions: rows.map((row) => ({
      run_id: runId,
      question_key: row.key,
      questions: row.questions,
      age_ms: Math.max(0, now - row.requestedAt),
    })),
  };
}
