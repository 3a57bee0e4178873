"use client";

import {
  ConvexProvider,
  ConvexReactClient,
  useConvexConnectionState,
  usePaginatedQuery,
  useQueries,
} from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { type ReactNode, useMemo, useState } from "react";
import { api } from "#convex/_generated/api.js";
import type { ListedSession, Session, SessionTotals } from "#domain/session.ts";
import type { SessionFilter } from "#domain/session-filter.ts";
import { fetchToken } from "./account.ts";
import { ApiError } from "./api.ts";
import { noteBuild, setOwnBuild } from "./build.ts";

const RETRY_MS = 3000;
type LiveTotals = FunctionReturnType<typeof api.sessionLists.totals>;

/** A fresh token; null only where the person is signed out. A server that cannot be reached is asked again. */
async function token(): Promise<string | null> {
  for (;;) {
    try {
      const { token: fresh, build } = await fetchToken();
      noteBuild(build);
      return fresh;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** In a browser alone, and until the page is loaded again: by its address. */
const clients = new Map<string, ConvexReactClient>();

/**
 * The one client of this page. A render that waits for code is thrown away and done again, with all of its state: were the
 * client part of that, each try would make another, whose request for a token holds up the code that is waited for.
 */
function clientOf(url: string): ConvexReactClient {
  if (typeof window === "undefined") return new ConvexReactClient(url, { logger: false });
  const known = clients.get(url);
  if (known) return known;
  const made = new ConvexReactClient(url, { logger: false });
  made.setAuth(token);
  clients.set(url, made);
  return made;
}

/**
 * Live queries for everything inside.
 * @param url where the browser reaches Convex
 * @param build of this page
 */
export function LiveData({ url, build, children }: { url: string; build: string; children: ReactNode }) {
  const [client] = useState(() => {
    if (typeof window !== "undefined") setOwnBuild(build);
    return clientOf(url);
  });
  return <ConvexProvider client={client}>{children}</ConvexProvider>;
}

export interface LiveSessions {
  sessions: readonly ListedSession[];
  /** False before the first answer. */
  loaded: boolean;
  /** False while the list may be behind: before the first answer, and while the connection is down. */
  live: boolean;
  more: "none" | "some" | "loading";
  loadMore: () => void;
}

/**
 * The organization's sessions, newest first, as they change.
 * @param initial what the server put into the page; shown until the live list is there
 * @param pageSize as many sessions are looked at for each page; a filter may leave fewer of them
 */
export function useLiveSessions(
  initial: { sessions: readonly ListedSession[]; hasMore: boolean },
  pageSize: number,
  filter: SessionFilter = {},
): LiveSessions {
  const { results, status, loadMore } = usePaginatedQuery(api.sessionLists.live, filter, {
    initialNumItems: pageSize,
  });
  const { isWebSocketConnected } = useConvexConnectionState();
  const loaded = status !== "LoadingFirstPage";
  return {
    sessions: loaded ? results : initial.sessions,
    loaded,
    live: loaded && isWebSocketConnected,
    more:
      status === "CanLoadMore" || (!loaded && initial.hasMore)
        ? "some"
        : status === "LoadingMore"
          ? "loading"
          : "none",
    loadMore: () => loadMore(pageSize),
  };
}

/** A session's status as it changes; undefined until that is known, and where it can't be read. */
export function useLiveStatus(sessionId: string): Session["status"] | undefined {
  const queries = useMemo(
    () => ({ session: { query: api.sandboxSessions.get, args: { sessionId } } }),
    [sessionId],
  );
  const found: Session | Error | undefined = useQueries(queries).session;
  return found instanceof Error ? undefined : found?.status;
}

type ProjectCounts = FunctionReturnType<typeof api.sessionProject.counts>;

/** How much a session's workspace changes of the project, as it changes; undefined until that is known. */
export function useProjectCounts(sessionId: string): ProjectCounts | undefined {
  const queries = useMemo(
    () => ({ counts: { query: api.sessionProject.counts, args: { sessionId } } }),
    [sessionId],
  );
  const found: ProjectCounts | Error | undefined = useQueries(queries).counts;
  return found instanceof Error ? undefined : found;
}

/** Totals that one query follows: a model call runs the query again that has its session. */
const TOTALS_A_QUERY = 25;

/** What a session has used; undefined until that is known. */
export type TotalsOf = (session: ListedSession) => SessionTotals | undefined;

/** What the sessions of a list have used, as it changes, apart from the list itself. */
export function useLiveTotals(sessions: readonly ListedSession[], initial: readonly Session[]): TotalsOf {
  const ids = sessions.map(({ id }) => id).join(" ");
  const queries = useMemo(() => {
    const all = ids === "" ? [] : ids.split(" ");
    return Object.fromEntries(
      Array.from({ length: Math.ceil(all.length / TOTALS_A_QUERY) }, (_, index) => {
        const sessionIds = all.slice(index * TOTALS_A_QUERY, (index + 1) * TOTALS_A_QUERY);
        return [String(index), { query: api.sessionLists.totals, args: { sessionIds } }];
      }),
    );
  }, [ids]);
  const found: Record<string, LiveTotals | Error | undefined> = useQueries(queries);
  // A new session at the top moves all others to another query: until that answers, what was known stands.
  const [known] = useState(
    () => new Map<string, SessionTotals>(initial.map((session) => [session.id, session])),
  );
  return useMemo(() => {
    for (const rows of Object.values(found)) {
      if (rows instanceof Error) throw rows;
      for (const { sessionId, totals } of rows ?? []) known.set(sessionId, totals);
    }
    const now = new Map(known);
    return ({ id }) => now.get(id);
  }, [found, known]);
}
