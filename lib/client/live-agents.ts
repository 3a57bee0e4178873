"use client";

import { usePaginatedQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect } from "react";
import { api } from "#convex/_generated/api.js";
import { MAX_AGENTS } from "#domain/agents.ts";

/** What an agent is told to be. */
export type AgentRow = FunctionReturnType<typeof api.agents.list>["page"][number];

const PAGE = 50;

/** The organization's agents, as they change, last changed first; undefined until there are any to show. */
export function useAgents(): readonly AgentRow[] | undefined {
  const { results, status, loadMore } = usePaginatedQuery(api.agents.list, {}, { initialNumItems: PAGE });
  useEffect(() => {
    if (status === "CanLoadMore" && results.length < MAX_AGENTS) loadMore(PAGE);
  }, [status, results.length, loadMore]);
  return status === "LoadingFirstPage" ? undefined : results;
}
