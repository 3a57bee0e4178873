"use client";

import { useConvexConnectionState, usePaginatedQuery, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect, useState } from "react";
import { api } from "#convex/_generated/api.js";
import { MAX_AGENTS } from "#domain/agents.ts";
import { lastDays } from "#domain/usage-report.ts";
import { type Pages, pagesOf } from "./live-settings.ts";

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

/** An agent, as it changes; undefined until it is there. */
export function useAgent(agentId: string): AgentRow | undefined {
  return useQuery(api.agents.get, { agentId });
}

/** What an agent was told to be, and what that changed. */
export type AgentVersionRow = FunctionReturnType<typeof api.agentVersions.list>["page"][number];

const VERSIONS_PAGE = 10;

/** An agent's kept versions, as they come, the present one first. */
export function useAgentVersions(agentId: string): Pages<AgentVersionRow> {
  const found = usePaginatedQuery(api.agentVersions.list, { agentId }, { initialNumItems: VERSIONS_PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** How far a session's agent is from what it is now. */
export type AgentDrift = NonNullable<FunctionReturnType<typeof api.agentVersions.drift>>;

/** How far a session's agent is from what it is now; null for a session without one, undefined until it is known. */
export function useAgentDrift(sessionId: string): AgentDrift | null | undefined {
  return useQuery(api.agentVersions.drift, { sessionId });
}

/** What an agent's runs of a day used. */
export type AgentDay = FunctionReturnType<typeof api.usageReports.ofAgent>[number];

/** What an agent's runs of the last days used, by day, newest first; undefined until it is known. */
export function useAgentUsage(agentId: string, days: number): AgentDay[] | undefined {
  // Once for each visit: with every render it would be another list at midnight.
  const [from] = useState(() => lastDays(days, Date.now())[0] ?? "");
  return useQuery(api.usageReports.ofAgent, { agentId, from });
}
