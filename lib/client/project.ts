"use client";

import { useConvex, useConvexConnectionState, usePaginatedQuery, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useCallback } from "react";
import { api } from "#convex/_generated/api.js";
import type { SentBody } from "#contracts/routes.ts";
import type { Environment } from "#domain/catalog.ts";
import { nameKey, type Project, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import { call } from "./api.ts";
import { type Pages, pagesOf } from "./live-settings.ts";

/** A definition in a list. */
export type DefinitionRow = FunctionReturnType<typeof api.projectDefinitions.list>["page"][number];
/** One of them whole; its text is null where it was deleted. */
export type DefinitionText = FunctionReturnType<typeof api.projectDefinitions.get>;
export type ProjectHead = FunctionReturnType<typeof api.projectDefinitions.head>;
/** What an environment has by name. */
export type ProjectNames = FunctionReturnType<typeof api.projectDefinitions.names>;
/** A change of an environment. */
export type PushRow = FunctionReturnType<typeof api.projectHistory.pushes>["page"][number];
/** A definition of such a change: before, after, and what somebody has made of it since. */
export type ChangedRow = FunctionReturnType<typeof api.projectHistory.changes>["page"][number];
export type VersionRow = FunctionReturnType<typeof api.projectHistory.versions>["page"][number];
/** A definition, and what it refers to. */
export type ReferringRow = FunctionReturnType<typeof api.projectDefinitions.references>["page"][number];
/** What is wrong with a definition. */
export type Fault = FunctionReturnType<typeof api.projectDefinitions.check>["faults"][number];

const PAGE = 25;

/** An environment's revision, size, and counts, as they change. */
export const useProjectHead = (environment: Environment): ProjectHead | undefined =>
  useQuery(api.projectDefinitions.head, { environment });

/** What an environment has by name, as it changes. */
export const useProjectNames = (environment: Environment): ProjectNames | undefined =>
  useQuery(api.projectDefinitions.names, { environment });

/** The definitions of a kind, as they change. */
export function useDefinitions(environment: Environment, kind: ProjectKind): Pages<DefinitionRow> {
  const found = usePaginatedQuery(
    api.projectDefinitions.list,
    { environment, kind },
    { initialNumItems: PAGE },
  );
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** One definition, as it changes; undefined until it is there. */
export const useDefinition = (environment: Environment, name: ProjectName): DefinitionText | undefined =>
  useQuery(api.projectDefinitions.get, { environment, ...name });

/** A definition's text alone; null where no name is given, undefined until it is there. */
export function useOneDefinition(
  environment: Environment,
  name: ProjectName | null,
): string | null | undefined {
  const found = useQuery(api.projectDefinitions.get, name ? { environment, ...name } : "skip");
  return name === null ? null : found?.definition;
}

/** The environment's entity types with their fields, as they change. */
export const useEntityTypes = (environment: Environment) =>
  useQuery(api.projectDefinitions.entityTypes, { environment });

/** What is wrong with a definition's text; undefined until it is known. */
export const useFaults = (kind: ProjectKind, definition: string) =>
  useQuery(api.projectDefinitions.check, { kind, definition });

/** An environment's changes, the last one first, as they come. */
export function useProjectPushes(environment: Environment): Pages<PushRow> {
  const found = usePaginatedQuery(api.projectHistory.pushes, { environment }, { initialNumItems: PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** What a change changed. */
export function useChanged(environment: Environment, revision: number): Pages<ChangedRow> {
  const found = usePaginatedQuery(
    api.projectHistory.changes,
    { environment, revision },
    { initialNumItems: 10 },
  );
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** A definition's kept versions, the last one first. */
export function useDefinitionVersions(environment: Environment, name: ProjectName): Pages<VersionRow> {
  const found = usePaginatedQuery(
    api.projectHistory.versions,
    { environment, ...name },
    { initialNumItems: 10 },
  );
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** One version of a definition, and the one before it; undefined until they are there. */
export const useDefinitionVersion = (environment: Environment, name: ProjectName, number: number) =>
  useQuery(api.projectHistory.version, { environment, ...name, number });

/** What refers to what in an environment, as it changes. */
export function useReferences(environment: Environment): Pages<ReferringRow> {
  const found = usePaginatedQuery(
    api.projectDefinitions.references,
    { environment },
    { initialNumItems: 100 },
  );
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** Pages of an environment that are read at once: more than its bounds allow. */
const MAX_PAGES = 60;

/** Reads everything of an environment, once, for what has to look at all of it. */
export function useReadProject(): (environment: Environment) => Promise<Project> {
  const convex = useConvex();
  return useCallback(
    async (environment) => {
      const project = new Map<string, ProjectName & { value: Record<string, unknown> }>();
      let cursor: string | null = null;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const found: FunctionReturnType<typeof api.projectDefinitions.contents> = await convex.query(
          api.projectDefinitions.contents,
          { environment, paginationOpts: { numItems: 100, cursor } },
        );
        for (const { kind, slug, definition } of found.page) {
          const value = parsedDefinition(definition);
          if (value) project.set(nameKey({ kind, slug }), { kind, slug, value });
        }
        if (found.isDone) break;
        cursor = found.continueCursor;
      }
      return project;
    },
    [convex],
  );
}

/** A definition's JSON text as an object; null where it is none. */
export function parsedDefinition(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Makes, changes, renames or deletes a definition. */
export const putDefinition = async (
  environment: Environment,
  body: SentBody<"PUT /api/v1/project/{environment}/definition">,
) => await call("PUT /api/v1/project/{environment}/definition", { params: { environment }, body });

/** Brings an earlier version of a definition back. */
export const restoreDefinition = async (
  environment: Environment,
  body: SentBody<"POST /api/v1/project/{environment}/restore">,
) => await call("POST /api/v1/project/{environment}/restore", { params: { environment }, body });

/** Takes a change of an environment back. */
export const undoProjectChange = async (environment: Environment, revision: number) =>
  await call("POST /api/v1/project/{environment}/changes/{revision}/undo", {
    params: { environment, revision: String(revision) },
  });

/** Takes definitions over from another environment. */
export const promoteDefinitions = async (
  environment: Environment,
  body: SentBody<"POST /api/v1/project/{environment}/promote">,
) => await call("POST /api/v1/project/{environment}/promote", { params: { environment }, body });
