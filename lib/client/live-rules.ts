"use client";

import { usePaginatedQuery, useQueries } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect, useMemo } from "react";
import { api } from "#convex/_generated/api.js";
import { inOrder, MAX_RULES, MAX_SESSION_RULES } from "#domain/rules/rule.ts";

/** A rule of the organization, of an environment, or of an agent. */
export type RuleRow = FunctionReturnType<typeof api.approvalRules.list>["page"][number];

const PAGE = 100;

/** Where a rule counts, as one text. */
export const placeOfRule = ({ scope, environment, agentId }: RuleRow): string =>
  [scope, environment, agentId].filter((part) => part !== undefined).join(":");

/** The organization's rules, as they change, in their order; undefined until there are any to show. */
export function useRules(): readonly RuleRow[] | undefined {
  const { results, status, loadMore } = usePaginatedQuery(
    api.approvalRules.list,
    {},
    { initialNumItems: PAGE },
  );
  useEffect(() => {
    if (status === "CanLoadMore" && results.length < MAX_RULES) loadMore(PAGE);
  }, [status, results.length, loadMore]);
  if (status === "LoadingFirstPage") return undefined;
  return inOrder(results).toSorted((a, b) =>
    placeOfRule(a) < placeOfRule(b) ? 1 : placeOfRule(a) > placeOfRule(b) ? -1 : 0,
  );
}

const ONE_PAGE = { numItems: MAX_SESSION_RULES, cursor: null };

/** The rules of one session, in their order; none until they are known, and where they can't be read. */
export function useSessionRules(sessionId: string): readonly RuleRow[] {
  const queries = useMemo(
    () => ({
      rules: {
        query: api.approvalRules.list,
        args: { scope: "session" as const, sessionId, paginationOpts: ONE_PAGE },
      },
    }),
    [sessionId],
  );
  const found = useQueries(queries).rules as { page: RuleRow[] } | Error | undefined;
  return found === undefined || found instanceof Error ? [] : inOrder(found.page);
}
