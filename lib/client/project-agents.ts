"use client";

import { useConvexConnectionState, usePaginatedQuery, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Environment } from "#domain/catalog.ts";
import { type Pages, pagesOf } from "./live-settings.ts";

/** An agent of the organization's project. */
export type ProjectAgentRow = FunctionReturnType<typeof api.projectAgents.list>["page"][number];
/** One of them whole, with what its prompt can name. */
export type ProjectAgentDefinition = FunctionReturnType<typeof api.projectAgents.get>;

const PAGE = 20;

/** The agents of an environment's project, as they change. */
export function useProjectAgents(environment: Environment): Pages<ProjectAgentRow> {
  const found = usePaginatedQuery(api.projectAgents.list, { environment }, { initialNumItems: PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** One of them, as it changes; undefined until it is there. */
export function useProjectAgent(environment: Environment, slug: string): ProjectAgentDefinition | undefined {
  return useQuery(api.projectAgents.get, { environment, slug });
}
