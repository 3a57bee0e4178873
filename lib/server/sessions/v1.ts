import { api } from "#convex/_generated/api.js";
import type { PinnedAgentJson } from "#contracts/agents.ts";
import type {
  deletedSession,
  SandboxStatus,
  sessionStats,
  V1Message,
  V1Session,
  v1SessionDetail,
  v1SessionsQuery,
  v1SessionsResponse,
} from "#contracts/sessions-v1.ts";
import { MAX_EVENTS_PAGE, MAX_PAGE } from "#domain/limits.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { COUNTED_TYPES, NO_COUNTS, type SessionCounts, withCounted } from "#domain/session-counts.ts";
import type { SessionFilter } from "#domain/session-filter.ts";
import { MESSAGE_TYPES, SessionMessages } from "#domain/session-messages.ts";
import type { Session } from "#domain/session.ts";
import type { z } from "zod";
import { agentConfig } from "../agents/agents.ts";
import { dataFor } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import { endSandbox } from "../sandbox/end.ts";
import { listEvents, listSessions } from "./read.ts";
import { resumeSession } from "./resume-session.ts";
import { stopSession } from "./stop-session.ts";

const iso = (at: number) => new Date(at).toISOString();
const PURGE_MS = 24 * 3600_000;

/** What a session's detail has of its messages, at most: the events have all. */
const MAX_MESSAGES = 500;
const MAX_MESSAGES_CHARS = 2_000_000;
/** Pages of a log that are read for them. */
const MAX_LOG_PAGES = 60;

/** Pages that an offset reads, at most: with a filter each may have few. */
const MAX_PASSED_PAGES = 50;

type Counts = Pick<SessionCounts, "messages" | "runs"> & Partial<SessionCounts>;

async function countsOf(caller: Principal, sessionIds: string[]): Promise<ReadonlyMap<string, Counts>> {
  if (sessionIds.length === 0) return new Map();
  const found = await dataFor(caller).query(api.sessionLists.counts, { sessionIds });
  return new Map(found.map(({ sessionId, counts }) => [sessionId, counts]));
}

function toV1(session: Session, counts: Counts = NO_COUNTS): V1Session {
  const ended = session.stoppedAt ?? (isLive(session.status) ? null : session.lastActivityAt);
  return {
    id: session.id,
    session_id: session.id,
    agent_id: session.agentId,
    agent_name: session.agentName,
    title: session.title,
    status: session.status,
    waiting_for: session.waitingFor,
    environment: session.environment,
    provider: session.provider,
    model: session.model,
    parent_session_id: session.parentSessionId,
    branch_from_seq: session.branchFromSeq,
    message_count: counts.messages,
    runs_count: counts.runs,
    total_input_tokens: session.totalInputTokens,
    total_output_tokens: session.totalOutputTokens,
    total_cost_usd: session.totalCostMicroUsd / 1_000_000,
    created_at: iso(session.createdAt),
    updated_at: iso(session.lastActivityAt),
    ended_at: ended === null ? null : iso(ended),
    archived_at: session.archivedAt === null ? null : iso(session.archivedAt),
    ...(session.importedAt !== null && { imported_at: iso(session.importedAt) }),
  };
}

/** A session as the API has it. */
export const v1Session = async (caller: Principal, session: Session): Promise<V1Session> =>
  toV1(session, (await countsOf(caller, [session.id])).get(session.id));

const STATES: Record<string, SessionFilter> = {
  active: { live: true },
  completed: { group: "stopped" },
  error: { group: "error" },
  archived: { archived: true },
};

/** A page of the organization's sessions, newest first; what the filter leaves of it. */
export async function listV1Sessions(
  caller: Principal,
  query: z.output<typeof v1SessionsQuery>,
): Promise<z.infer<typeof v1SessionsResponse>> {
  const { limit, offset, status, agent_id: agentId, environment, mine, text } = query;
  const filter: SessionFilter = {
    ...(status !== undefined && STATES[status]),
    ...(agentId !== undefined && { agentId }),
    ...(environment !== undefined && { environment }),
    ...(mine !== undefined && { mine }),
    ...(text !== undefined && { text }),
  };
  let { cursor } = query;
  // A page never has more than is left to pass over, so that it ends where the wanted one begins.
  let left = offset;
  for (let pages = 0; left > 0; pages += 1) {
    if (pages >= MAX_PASSED_PAGES) throw refuse("offset_too_far");
    const passed = await listSessions(caller, { limit: Math.min(left, MAX_PAGE), cursor, ...filter });
    if (passed.nextCursor === null) return { sessions: [], next_cursor: null };
    left -= passed.sessions.length;
    cursor = passed.nextCursor;
  }
  const { sessions, nextCursor } = await listSessions(caller, { limit, cursor, ...filter });
  const counts = await countsOf(
    caller,
    sessions.map(({ id }) => id),
  );
  return {
    sessions: sessions.map((session) => toV1(session, counts.get(session.id))),
    next_cursor: nextCursor,
  };
}

/** What was said in a session, from its beginning, as far as it fits. */
async function messagesOf(
  caller: Principal,
  sessionId: string,
): Promise<{ messages: V1Message[]; messages_truncated: boolean }> {
  const said = new SessionMessages();
  let chars = 0;
  let pages = 0;
  for (let cursor: number | null = 0; cursor !== null; pages += 1) {
    if (pages >= MAX_LOG_PAGES) return { messages: said.list, messages_truncated: true };
    const page = await listEvents(caller, sessionId, {
      limit: MAX_EVENTS_PAGE,
      cursor,
      from_seq: 1,
      types: [...MESSAGE_TYPES],
    });
    for (const event of page.events) {
      const before = said.list.length;
      said.add(event);
      if (said.list.length === before) continue;
      chars += said.list.at(-1)!.content.length;
      if (said.list.length <= MAX_MESSAGES && chars <= MAX_MESSAGES_CHARS) continue;
      said.list.pop();
      return { messages: said.list, messages_truncated: true };
    }
    cursor = page.next_cursor === null ? null : Number(page.next_cursor);
  }
  return { messages: said.list, messages_truncated: false };
}

async function agentOf(caller: Principal, sessionId: string): Promise<PinnedAgentJson | null> {
  const [pinned, rules] = await Promise.all([
    dataFor(caller).query(api.agents.ofSession, { sessionId }),
    dataFor(caller).query(api.agents.rulesInSession, { sessionId }),
  ]);
  return (
    pinned && {
      id: pinned.agentId,
      version: pinned.revision,
      ...agentConfig(pinned, rules),
      created_at: iso(pinned.createdAt),
      updated_at: iso(pinned.updatedAt),
    }
  );
}

/** What a session is, what its agent was when it began, and what it has used and done. */
export async function factsOf(
  caller: Principal,
  id: string,
): Promise<{ session: V1Session; agent: PinnedAgentJson | null; stats: z.infer<typeof sessionStats> }> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId: id });
  const [counts, agent, stats] = await Promise.all([
    countsOf(caller, [session.id]),
    agentOf(caller, session.id),
    statsOf(caller, session.id),
  ]);
  return { session: toV1(session, counts.get(session.id)), agent, stats };
}

/** A session with what was said in it, and what its agent was when it began. */
export async function getV1Session(
  caller: Principal,
  sessionId: string,
): Promise<z.infer<typeof v1SessionDetail>> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const [counts, said, agent] = await Promise.all([
    countsOf(caller, [session.id]),
    messagesOf(caller, session.id),
    agentOf(caller, session.id),
  ]);
  return { ...toV1(session, counts.get(session.id)), ...said, agent };
}

/** Counts a log that was not counted as it was written, from its beginning. */
async function countLog(caller: Principal, sessionId: string): Promise<SessionCounts> {
  let counts = NO_COUNTS;
  for (let cursor: number | null = 0; cursor !== null;) {
    const types = [...COUNTED_TYPES];
    const page = await listEvents(caller, sessionId, { limit: MAX_EVENTS_PAGE, cursor, from_seq: 1, types });
    for (const { type } of page.events) counts = withCounted(counts, type);
    cursor = page.next_cursor === null ? null : Number(page.next_cursor);
  }
  return counts;
}

/** What a session has used and done. */
export async function statsOf(caller: Principal, sessionId: string): Promise<z.infer<typeof sessionStats>> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const counted = (await countsOf(caller, [session.id])).get(session.id);
  const counts = {
    ...NO_COUNTS,
    ...(counted?.llmCalls === undefined ? await countLog(caller, session.id) : counted),
  };
  const ended = session.stoppedAt ?? (isLive(session.status) ? Date.now() : session.lastActivityAt);
  return {
    total_input_tokens: session.totalInputTokens,
    total_output_tokens: session.totalOutputTokens,
    total_cost_usd: session.totalCostMicroUsd / 1_000_000,
    total_duration_ms: Math.max(0, ended - session.createdAt),
    llm_call_count: counts.llmCalls,
    tool_call_count: counts.toolCalls,
    tool_approved_count: counts.toolsApproved,
    tool_denied_count: counts.toolsDenied,
    model: session.model,
    provider: session.provider,
  };
}

/** Deletes a session, live or not, and ends its sandbox; what is left of it goes within a day. */
export async function deleteSession(caller: Principal, id: string): Promise<z.infer<typeof deletedSession>> {
  const { sessionId, sandboxId, events, checkpoints, savedBytes } = await dataFor(caller).mutation(
    api.sessionDeletion.remove,
    { sessionId: id },
  );
  if (sandboxId !== null)
    await endSandbox(sessionId, sandboxId).catch((error: unknown) =>
      log("warn", "a sandbox could not be ended yet", { sessionId, error: messageOf(error) }),
    );
  return {
    session_id: sessionId,
    deleted: { events, checkpoints, saved_bytes: savedBytes },
    purged_by: iso(Date.now() + PURGE_MS),
  };
}

const toStatus = ({ status, sandboxId }: Pick<Session, "status" | "sandboxId">): SandboxStatus => ({
  running: isLive(status) && status !== "provisioning" && sandboxId !== null,
  status,
  sandbox_id: isLive(status) ? sandboxId : null,
});

/** Whether a session's sandbox runs. */
export const sandboxStatusOf = async (caller: Principal, sessionId: string): Promise<SandboxStatus> =>
  toStatus(await dataFor(caller).query(api.sandboxSessions.get, { sessionId }));

/** Has a session that has ended go on, in another sandbox. @throws HttpError session_stopped | session_limit */
export const startSandbox = async (caller: Principal, sessionId: string): Promise<SandboxStatus> =>
  toStatus(await resumeSession(caller, sessionId));

/** Saves a session's work, and ends it with its sandbox. Idempotent. */
export async function stopSandbox(caller: Principal, sessionId: string): Promise<SandboxStatus> {
  await stopSession(caller, sessionId);
  return await sandboxStatusOf(caller, sessionId);
}
