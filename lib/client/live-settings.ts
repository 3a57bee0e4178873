"use client";

import { useConvexConnectionState, usePaginatedQuery, useQuery } from "convex/react";
import type { FunctionArgs, FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";

/** A provider's key as it is stored: its status, and no more of it than beginning and end. */
export type KeyRow = FunctionReturnType<typeof api.providerKeys.list>[number];
export type LedgerRow = FunctionReturnType<typeof api.credits.ledger>["page"][number];
export type ApiKeyRow = FunctionReturnType<typeof api.apiKeys.list>["page"][number];
export type AuditRow = FunctionReturnType<typeof api.audit.list>["page"][number];
/** What an audit log is narrowed to: see `api.audit.list`. */
export type AuditFilter = Omit<FunctionArgs<typeof api.audit.list>, "paginationOpts">;
/** What the organization has, and what of it is held for calls under way. Micro-USD. */
export type Balance = FunctionReturnType<typeof api.credits.balance>;

/** The organization's model keys, as they change. @param initial what the server put into the page */
export function useProviderKeys(initial: readonly KeyRow[]): readonly KeyRow[] {
  return useQuery(api.providerKeys.list, {}) ?? initial;
}

/** A variable that sandboxes find in their environment, without its value. */
export type VariableRow = FunctionReturnType<typeof api.variables.list>[number];

/** The organization's variables, as they change; undefined until they are there. */
export function useVariables(): readonly VariableRow[] | undefined {
  return useQuery(api.variables.list, {});
}

/** A script that prepares new sandboxes, and how the last build of its snapshot stands. */
export type SetupRow = FunctionReturnType<typeof api.setupScripts.list>[number];

/** The organization's set-up scripts, as they change; undefined until they are there. */
export function useSetups(): readonly SetupRow[] | undefined {
  return useQuery(api.setupScripts.list, {});
}

/** What the last build of a place printed, as it comes; undefined until it is there. */
export function useSetupOutput(place: FunctionArgs<typeof api.setupScripts.output>): string | undefined {
  return useQuery(api.setupScripts.output, place)?.text;
}

/** A way to a git server, without its credential. */
export type GitConnectionRow = FunctionReturnType<typeof api.gitConnections.list>[number];

/** The organization's git connections, as they change; undefined until they are there. */
export function useGitConnections(): readonly GitConnectionRow[] | undefined {
  return useQuery(api.gitConnections.list, {});
}

/** A package registry of the organization's own, without its credential. */
export type RegistryRow = FunctionReturnType<typeof api.registries.list>[number];

/** The organization's package registries, as they change; undefined until they are there. */
export function useRegistries(): readonly RegistryRow[] | undefined {
  return useQuery(api.registries.list, {});
}

/** The organization's credits, as they change. Only members may ask. @param initial what there is until they are there */
export function useBalance<Initial extends Balance | null>(initial: Initial): Balance | Initial {
  return useQuery(api.credits.balance, {}) ?? initial;
}

/** A list that grows by pages. */
export interface Pages<Row> {
  rows: readonly Row[];
  loading: boolean;
  /** False while what is seen may be behind. */
  live: boolean;
  more: "none" | "some" | "loading";
  loadMore: () => void;
}

const PAGE = 25;

/** A paginated query as a list that grows. @param connected whether what is seen is up to date */
export function pagesOf<Row>(
  found: { results: Row[]; status: string; loadMore: (count: number) => void },
  connected: boolean,
): Pages<Row> {
  const { results, status, loadMore } = found;
  return {
    rows: results,
    loading: status === "LoadingFirstPage",
    live: connected,
    more: status === "CanLoadMore" ? "some" : status === "LoadingMore" ? "loading" : "none",
    loadMore: () => loadMore(PAGE),
  };
}

/** The ledger, newest first: all of it, or one kind of entries. Only admins may ask. */
export function useLedger(only: { kind?: LedgerRow["kind"] }): Pages<LedgerRow> {
  const found = usePaginatedQuery(api.credits.ledger, only, { initialNumItems: PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** The organization's audit log, newest first. Only admins may ask. */
export function useAuditLog(filter: AuditFilter): Pages<AuditRow> {
  const found = usePaginatedQuery(api.audit.list, filter, { initialNumItems: PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** The organization's API keys, newest first. Only admins may ask. */
export function useApiKeys(): Pages<ApiKeyRow> {
  const found = usePaginatedQuery(api.apiKeys.list, {}, { initialNumItems: PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}
