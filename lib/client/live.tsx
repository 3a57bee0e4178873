"use client";

import { ConvexProvider, ConvexReactClient, useConvexConnectionState, usePaginatedQuery } from "convex/react";
import { type ReactNode, useState } from "react";
import { api } from "../../convex/_generated/api.js";
import type { Session } from "../domain/session.ts";
import type { SessionFilter } from "../domain/session-filter.ts";
import { fetchToken } from "./account.ts";
import { ApiError } from "./api.ts";

const RETRY_MS = 3000;

/** A fresh token; null only where the person is signed out. A server that cannot be reached is asked again. */
async function token(): Promise<string | null> {
  for (;;) {
    try {
      return (await fetchToken()).token;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Live queries for everything inside. @param url where the browser reaches Convex */
export function LiveData({ url, children }: { url: string; children: ReactNode }) {
  const [client] = useState(() => {
    const made = new ConvexReactClient(url, { logger: false });
    if (typeof window !== "undefined") made.setAuth(token);
    return made;
  });
  return <ConvexProvider client={client}>{children}</ConvexProvider>;
}

export interface LiveSessions {
  sessions: readonly Session[];
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
  initial: { sessions: readonly Session[]; hasMore: boolean },
  pageSize: number,
  filter: SessionFilter = {},
): LiveSessions {
  const { results, status, loadMore } = usePaginatedQuery(api.sessionLists.search, filter, {
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
