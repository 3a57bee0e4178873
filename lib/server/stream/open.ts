/** This folder sends logs to those who listen, as server-sent events; it reads Convex, and no agent. */

import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { EventEnvelope } from "#domain/events.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { channelsOf, endsRun, toRunEvent } from "#domain/run-events.ts";
import type { Session } from "#domain/session.ts";
import { principalOf } from "../auth/principal.ts";
import { dataFor, serviceData } from "../convex/client.ts";
import { follow } from "../convex/live.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { inSeat } from "../http/seats.ts";
import { sessionConfig } from "../sessions/config.ts";
import { toEnvelope } from "./envelope.ts";
import { eventStream } from "./event-stream.ts";
import { framed, sessionFrame } from "./frame.ts";
import { Feed, LOOK_BACK_MS, readPlace } from "./feed.ts";
import { listen, readLog } from "./tail.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** Where a listener wants to continue: `?after=`, else `Last-Event-ID`, else from the beginning. */
function afterOf(query: number | undefined, request: Request): number {
  if (query !== undefined) return query;
  const given = request.headers.get("last-event-id") ?? "0";
  const after = Number(given);
  if (!Number.isSafeInteger(after) || after < 0) throw refuse("after_not_seq", { given: given.slice(0, 40) });
  return after;
}

/** Whether the caller may still read, asked by reading again in the name that the request has now. */
const stillAllowed = (request: Request, read: (caller: Principal) => Promise<unknown>) => async () => {
  try {
    await read(await principalOf(request));
    return true;
  } catch (error) {
    // A database out of reach says nothing about rights; a refusal does.
    return !(error instanceof HttpError || (error as { data?: unknown }).data !== undefined);
  }
};

/** Whether the session ended with an event: one from before it was resumed is history. */
const endsSession = (event: EventEnvelope, { resumedSeq }: Session): boolean =>
  event.type === "session.ended" && event.seq > (resumedSeq ?? 0);

/** What the streams of a session and of its runs have in common. */
function ofSession(session: Session, request: Request, after: number) {
  const sessionId = session.id as Id<"sandboxSessions">;
  return {
    name: session.id,
    after,
    signal: request.signal,
    stillAllowed: stillAllowed(
      request,
      async (caller) => await dataFor(caller).query(api.sandboxSessions.get, { sessionId }),
    ),
    read: async (from: number) => await readLog(sessionId, from),
    listen: (events: (events: readonly EventEnvelope[]) => void, lost: () => void) =>
      listen(sessionId, { events, lost }),
    positionOf: (event: EventEnvelope) => event.seq,
  };
}

/** A stream takes one of its caller's seats for as long as it lasts. */
const seated =
  (
    open: (
      caller: Caller,
      id: string,
      after: number,
      request: Request,
      onEnd: () => void,
    ) => Promise<Response>,
  ) =>
  async (caller: Caller, id: string, after: number | undefined, request: Request): Promise<Response> =>
    await inSeat(
      "stream",
      caller,
      async (leave) => await open(caller, id, afterOf(after, request), request, leave),
    );

/**
 * Opens a session's stream for a caller who may read it; asked again at each heartbeat. id = seq, event = type,
 * data = the envelope.
 * @throws HttpError not_found | invalid_request | rate_limited
 */
export const openStream = seated(sessionStream);

/**
 * Opens a run's stream: its events under the names of `run-events.ts`, to its end. id = the session's seq.
 * @throws HttpError not_found | invalid_request | rate_limited
 */
export const openRunStream = seated(runStream);

async function sessionStream(
  caller: Caller,
  sessionId: string,
  after: number,
  request: Request,
  onEnd: () => void,
): Promise<Response> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  return eventStream({
    ...ofSession(session, request, after),
    onEnd,
    ended: isLive(session.status) ? null : "session_ended",
    frame: sessionFrame,
    endsWith: (event) => (endsSession(event, session) ? "session_ended" : null),
  });
}

async function runStream(
  caller: Caller,
  runId: string,
  given: number,
  request: Request,
  onEnd: () => void,
): Promise<Response> {
  const run = await dataFor(caller).query(api.runs.get, { runId });
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId: run.sessionId });
  const config = await sessionConfig(caller, run.sessionId);
  const over = run.status !== "pending" && run.status !== "running";
  return eventStream({
    // Nothing of a run is in the log before it began.
    ...ofSession(session, request, Math.max(given, (run.startedSeq ?? 1) - 1)),
    onEnd,
    ended: over ? "run_ended" : isLive(session.status) ? null : "session_ended",
    frame: (event) => {
      const named = event.run_id === run._id ? toRunEvent(event, config) : null;
      return named === null ? "" : framed(event.seq, named.type, named);
    },
    endsWith: (event) =>
      event.run_id === run._id && endsRun(event.type)
        ? "run_ended"
        : endsSession(event, session)
          ? "session_ended"
          : null,
  });
}

/**
 * Opens the stream of all of an organization's events. id = a place, opaque; event = the channel (`agent_event`,
 * `tool_approval_requested`, `sidecar_status_changed`); data = the envelope, or what `channelsOf` says. Without a place to go on from it begins now.
 * @throws HttpError invalid_request | forbidden | rate_limited
 */
export async function openOrganizationStream(
  caller: Caller,
  after: string | undefined,
  request: Request,
): Promise<Response> {
  const given = after ?? request.headers.get("last-event-id");
  return await inSeat(
    "stream",
    caller,
    async (leave) => await organizationStream(caller, given, request, leave),
  );
}

async function organizationStream(
  caller: Caller,
  given: string | null,
  request: Request,
  onEnd: () => void,
): Promise<Response> {
  const organizationId = caller.organizationId as Id<"organizations">;
  const allowed = async (who: Principal) => await dataFor(who).query(api.organizationEvents.head, {});
  const head = await allowed(caller);
  const place = given === null ? { at: head.at, seqs: {} } : readPlace(given);
  if (place === null) throw refuse("after_not_place", { given: (given ?? "").slice(0, 40) });
  const data = serviceData();
  const feed = new Feed(
    place,
    async (after) => await data.query(api.organizationEvents.tail, { organizationId, after }),
  );
  if (given === null) await feed.begin();
  return eventStream({
    name: organizationId,
    onEnd,
    after: 0,
    ended: null,
    signal: request.signal,
    stillAllowed: stillAllowed(request, allowed),
    read: async () => await feed.next(),
    listen: (tell) => {
      const unfollow = follow(api.organizationEvents.headOf, { organizationId }, () => tell([]));
      // What appears behind what is known already changes no head.
      const timer = setInterval(() => feed.unsettled && tell([]), LOOK_BACK_MS);
      return () => {
        clearInterval(timer);
        unfollow();
      };
    },
    positionOf: (row) => row.index,
    frame: (row) =>
      channelsOf(toEnvelope(row))
        .map(({ channel, data }) => framed(row.place, channel, data))
        .join(""),
    endsWith: () => null,
  });
}
