"use client";

import { useConvexConnectionState, usePaginatedQuery } from "convex/react";
import type { FunctionArgs, FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Pages } from "./live-settings.ts";

export type RunRow = FunctionReturnType<typeof api.runs.list>["page"][number];
/** What the list is narrowed to: see `api.runs.list`. */
export type RunFilter = Omit<FunctionArgs<typeof api.runs.list>, "paginationOpts">;

const PAGE = 25;

/** The organization's runs, newest first, as they change; what the filter leaves of them. */
export function useRuns(filter: RunFilter): Pages<RunRow> {
  const { results, status, loadMore } = usePaginatedQuery(api.runs.list, filter, { initialNumItems: PAGE });
  const { isWebSocketConnected } = useConvexConnectionState();
  return {
    rows: results,
    loading: status === "LoadingFirstPage",
    live: isWebSocketConnected,
    more: status === "CanLoadMore" ? "some" : status === "LoadingMore" ? "loading" : "none",
    loadMore: () => loadMore(PAGE),
  };
}
