"use client";

import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import type {
  OperatorEntry,
  OperatorOrganization,
  OperatorSession,
  SupportSession,
} from "#contracts/operator.ts";
import type { JsonOf } from "#contracts/routes.ts";
import type { LIVE_STATUSES } from "#domain/lifecycle.ts";
import { MAX_OPERATOR_ORGANIZATIONS } from "#domain/operator.ts";
import { type ApiError, asApiError, call } from "./api.ts";
import type { Pages } from "./live-settings.ts";
import { type Resource, useResource } from "./resource.ts";

export type { OperatorEntry, OperatorOrganization, OperatorSession, SupportSession };
export type SupportEvent = JsonOf<SupportLogRoute>["events"][number];
export type Overview = JsonOf<"GET /api/operator/overview">;
/** An organization, with what it used by day. */
export type UsedOrganization = JsonOf<"GET /api/operator/organizations/{organization}">;
type SupportLogRoute = "GET /api/operator/organizations/{organization}/support/sessions/{id}/events";
type LiveStatus = (typeof LIVE_STATUSES)[number];

/** A list that grows by pages, and why its last page could not be read. */
export interface ReadPages<Row> extends Pages<Row> {
  problem: ApiError | undefined;
  retry: () => void;
}

function usePages<Row>(
  key: QueryKey,
  read: (cursor: string | undefined) => Promise<{ rows: Row[]; nextCursor: string | null }>,
): ReadPages<Row> {
  const found = useInfiniteQuery({
    queryKey: ["operator", ...key],
    queryFn: async ({ pageParam }) => await read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
  const more = found.isFetchingNextPage ? "loading" : found.hasNextPage ? "some" : "none";
  return {
    rows: found.data?.pages.flatMap(({ rows }) => rows) ?? [],
    loading: found.isPending,
    live: true,
    more,
    loadMore: () => void found.fetchNextPage(),
    problem: found.error ? asApiError(found.error) : undefined,
    retry: () => void found.refetch(),
  };
}

const at = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

/** How Studio stands as a whole; read again each quarter of a minute. */
export const useOverview = (): Resource<Overview> =>
  useResource(["operator", "overview"], async () => await call("GET /api/operator/overview"), {
    everyMs: 15_000,
  });

/** Organizations, the newest first; with `search`, the best matches. */
export const useOrganizations = (search: string): ReadPages<OperatorOrganization> =>
  usePages(["organizations", search], async (cursor) => {
    const query = { limit: MAX_OPERATOR_ORGANIZATIONS, ...(search !== "" && { search }), ...at(cursor) };
    const { organizations: rows, nextCursor } = await call("GET /api/operator/organizations", { query });
    return { rows, nextCursor };
  });

/** One organization, with what it used by day. */
export const useOrganization = (organization: string): Resource<UsedOrganization> =>
  useResource(
    ["operator", "organization", organization],
    async () => await call("GET /api/operator/organizations/{organization}", { params: { organization } }),
  );

/** An organization's live sessions in one state. */
export const useLiveSessions = (organization: string, status: LiveStatus): ReadPages<OperatorSession> =>
  usePages(["sessions", organization, status], async (cursor) => {
    const { sessions: rows, nextCursor } = await call(
      "GET /api/operator/organizations/{organization}/sessions",
      { params: { organization }, query: { status, ...at(cursor) } },
    );
    return { rows, nextCursor };
  });

/** Sessions of an organization that consents; with `text`, those that have its words. */
export const useSupportSessions = (organization: string, text: string): ReadPages<SupportSession> =>
  usePages(["support", organization, text], async (cursor) => {
    const { sessions: rows, nextCursor } = await call(
      "GET /api/operator/organizations/{organization}/support/sessions",
      { params: { organization }, query: { ...(text !== "" && { text }), ...at(cursor) } },
    );
    return { rows, nextCursor };
  });

/** The log of such a session. */
export const useSupportLog = (organization: string, id: string): ReadPages<SupportEvent> =>
  usePages(["support-log", organization, id], async (cursor) => {
    const { events: rows, next_cursor: nextCursor } = await call(
      "GET /api/operator/organizations/{organization}/support/sessions/{id}/events",
      { params: { organization, id }, query: cursor === undefined ? {} : { cursor: Number(cursor) } },
    );
    return { rows, nextCursor };
  });

/** What operators have done; to one organization, where its id is given. */
export const useOperatorAudit = (organization?: string): ReadPages<OperatorEntry> =>
  usePages(["audit", organization ?? ""], async (cursor) => {
    const query = { ...(organization !== undefined && { organization }), ...at(cursor) };
    const { entries: rows, nextCursor } = await call("GET /api/operator/audit", { query });
    return { rows, nextCursor };
  });

/** Freezes an organization, or lets it go on. */
export const setFrozen = async (organization: string, frozen: boolean, reason: string) =>
  await call(
    frozen
      ? "POST /api/operator/organizations/{organization}/freeze"
      : "POST /api/operator/organizations/{organization}/thaw",
    { params: { organization }, body: { reason } },
  );

/** Gives credits, or takes some back. @param key names the adjustment: the same one again changes nothing */
export const adjustCredit = async (
  organization: string,
  body: { amountMicroUsd: number; reason: string; key: string },
) => await call("POST /api/operator/organizations/{organization}/credit", { params: { organization }, body });

/** Ends a live session. */
export const endAnySession = async (id: string, reason: string) =>
  await call("POST /api/operator/sessions/{id}/end", { params: { id }, body: { reason } });
