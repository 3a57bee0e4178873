import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { disabledReasonsOf } from "#components/session/disabled-reasons.ts";
import { SessionScreen } from "#components/session/session-screen.tsx";
import type { LogSnapshot } from "#client/session-log.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { applyEvents } from "#domain/projection.ts";
import type { Session } from "#domain/session.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { refusalOf } from "#server/convex/refusal.ts";
import { getSession, listEvents } from "#server/sessions/read.ts";
import { pageMember } from "../../member.ts";

type Props = { params: Promise<{ sessionId: string }> };
type Member = Extract<Principal, { kind: "member" }>;

const pathOf = (sessionId: string) => `/studio/${encodeURIComponent(sessionId)}`;

/** The session, or the page that says that there is none. */
const sessionOr404 = cache(async (sessionId: string): Promise<Session> => {
  const { member } = await pageMember(pathOf(sessionId));
  try {
    return await getSession(member, sessionId);
  } catch (error) {
    if (isNotFound(error)) notFound();
    throw error;
  }
});

function isNotFound(error: unknown): boolean {
  return refusalOf(error)?.code === "not_found";
}

const PAGE = 500;
/** The page brings as much with it; the stream brings the rest. */
const MAX_PAGES = 40;

async function snapshot(member: Member, sessionId: string): Promise<LogSnapshot> {
  let current: LogSnapshot = { view: EMPTY_VIEW, lastEventAt: null };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { events, next_cursor } = await listEvents(member, sessionId, {
      limit: PAGE,
      cursor: current.view.seq,
      from_seq: 1,
    });
    const last = events.at(-1);
    if (last) current = { view: applyEvents(current.view, events), lastEventAt: last.ts };
    if (next_cursor === null) break;
  }
  return current;
}

/** What there is to see of a session whose log was removed. */
function withoutLog(session: Session): LogSnapshot {
  const at = new Date(session.lastActivityAt).toISOString();
  return {
    view: {
      ...EMPTY_VIEW,
      title: session.title,
      status: session.status,
      ended: true,
      items: [
        {
          kind: "notice",
          id: "log-removed",
          seq: 0,
          ts: at,
          tone: "info",
          title: "The log was removed",
          text: "Your organization keeps the logs of ended sessions for a limited time.",
        },
      ],
      usage: {
        ...EMPTY_VIEW.usage,
        inputTokens: session.totalInputTokens,
        cachedTokens: session.totalCachedTokens,
        outputTokens: session.totalOutputTokens,
        costMicroUsd: session.totalCostMicroUsd,
      },
    },
    lastEventAt: at,
  };
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await sessionOr404((await params).sessionId)).title };
}

export default async function SessionPage({ params }: Props) {
  const { sessionId } = await params;
  const { member } = await pageMember(pathOf(sessionId));
  const session = await sessionOr404(sessionId);
  const initial = await snapshot(member, session.id);
  return (
    <SessionScreen
      key={session.id}
      session={session}
      initial={initial.view.seq === 0 && !isLive(session.status) ? withoutLog(session) : initial}
      disabledReason={disabledReasonsOf(member, session)}
      me={member.name}
    />
  );
}
