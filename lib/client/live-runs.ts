"use client";

import { useConvexConnectionState, usePaginatedQuery, useQuery } from "convex/react";
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

/** What a run's agent asked leave for, and what decided. */
export type RunDecision = FunctionReturnType<typeof api.approvals.ofRun>[number];
/** How a run's end is told. */
export type RunWebhook = NonNullable<FunctionReturnType<typeof api.runWebhooks.ofRun>>;

/** The last questions of a run, newest first, as they are decided; undefined until they are there. */
export const useRunDecisions = (runId: string): readonly RunDecision[] | undefined =>
  useQuery(api.approvals.ofRun, { runId });

/** How a run's end is told, as it goes on; null where nobody is told, undefined until that is known. */
export const useRunWebhook = (runId: string): RunWebhook | null | undefined =>
  useQuery(api.runWebhooks.ofRun, { runId });

/** Who there is to narrow the list to, by name; none until they are there. */
export const usePeople = (): readonly { id: string; name: string }[] => useQuery(api.runs.people, {}) ?? [];
