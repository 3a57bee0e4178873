"use client";

import { useConvexConnectionState, usePaginatedQuery, useQueries, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useMemo } from "react";
import { api } from "#convex/_generated/api.js";
import type { Environment } from "#domain/catalog.ts";
import type { PayloadOf } from "#domain/events.ts";
import { approvalViewOf } from "#domain/projection-approvals.ts";
import type { ActKind } from "#domain/act-kinds.ts";
import type { ApprovalView, QuestionView } from "#domain/session-view.ts";
import type { Pages } from "./live-settings.ts";

type ApprovalRow = FunctionReturnType<typeof api.approvals.open>["page"][number];
type QuestionRow = FunctionReturnType<typeof api.questions.open>["page"][number];

/** Something that waits for a person, as the list has it. `id` names it among all of them. */
export type WaitingRow = { id: string } & (
  | { kind: "approval"; row: ApprovalRow }
  | { kind: "question"; row: QuestionRow }
);

/** What the list is narrowed to. Questions are of no kind of act. */
export interface InboxFilter {
  environment?: Environment | undefined;
  act?: ActKind | undefined;
}

const PAGE = 25;

/** Everything that waits for a person in the organization, oldest first, as it changes. */
export function useInbox({ environment, act }: InboxFilter): Pages<WaitingRow> {
  const approvals = usePaginatedQuery(
    api.approvals.open,
    { oldestFirst: true, ...(environment && { environment }), ...(act && { act }) },
    { initialNumItems: PAGE },
  );
  const questions = usePaginatedQuery(api.questions.open, act ? "skip" : {}, { initialNumItems: PAGE });
  const { isWebSocketConnected } = useConvexConnectionState();
  const rows = useMemo(() => {
    const asked = environment
      ? questions.results.filter((row) => row.environment === environment)
      : questions.results;
    return [
      ...approvals.results.map((row) => ({
        id: `a:${row.runId}:${row.key}`,
        kind: "approval" as const,
        row,
      })),
      ...asked.map((row) => ({ id: `q:${row.runId}:${row.key}`, kind: "question" as const, row })),
    ].toSorted((a, b) => a.row.requestedAt - b.row.requestedAt);
  }, [approvals.results, questions.results, environment]);
  const both = act ? [approvals] : [approvals, questions];
  const isAny = (status: (typeof approvals)["status"]) => both.some((list) => list.status === status);
  return {
    rows,
    loading: isAny("LoadingFirstPage"),
    live: isWebSocketConnected,
    more: isAny("LoadingMore") ? "loading" : isAny("CanLoadMore") ? "some" : "none",
    loadMore: () => {
      for (const list of both) list.loadMore(PAGE);
    },
  };
}

/** How much waits for a person; undefined until that is known. */
export const useWaitingCount = () => useQuery(api.approvals.waiting, {});

type Found<T> = T | "loading" | "gone";

/** One answer of a live query; `gone` where it is refused, as for a session that was deleted. */
function found<T>(result: T | Error | undefined): Found<T> {
  return result === undefined ? "loading" : result instanceof Error ? "gone" : result;
}

type Standing = FunctionReturnType<typeof api.approvals.standing>;

/** Who may approve a request, and what keeps the reader from it; undefined until that is known. */
export function useStanding(runId: string, key: string): Standing | undefined {
  const queries = useMemo(
    () => ({ one: { query: api.approvals.standing, args: { runId, key } } }),
    [runId, key],
  );
  const standing = found(useQueries(queries).one as Standing | Error | undefined);
  return typeof standing === "string" ? undefined : standing;
}

type WholeApproval = FunctionReturnType<typeof api.approvals.get>;
type WholeQuestion = FunctionReturnType<typeof api.questions.get>;

/** A request whole, with its session, as they change. */
export function useApproval(runId: string, key: string): Found<WholeApproval> {
  const queries = useMemo(() => ({ one: { query: api.approvals.get, args: { runId, key } } }), [runId, key]);
  return found(useQueries(queries).one as WholeApproval | Error | undefined);
}

/** A question's session, and what became of it. */
export function useQuestion(runId: string, key: string): Found<WholeQuestion> {
  const queries = useMemo(() => ({ one: { query: api.questions.get, args: { runId, key } } }), [runId, key]);
  return found(useQueries(queries).one as WholeQuestion | Error | undefined);
}

/** The same as a card shows it. */
export function approvalOf({ event, ...row }: WholeApproval): ApprovalView {
  const { key, runId, tool, summary, toolCallId, expiresAt } = row;
  const asked = event === null ? {} : (JSON.parse(event) as Partial<PayloadOf<"approval.requested">>);
  return approvalViewOf(
    {
      kind: "",
      request: JSON.parse(row.request) as Record<string, unknown>,
      ...asked,
      approval_key: key,
      tool,
      summary,
      tool_call_id: toolCallId,
      expires_at: expiresAt,
    },
    { runId, toolCallId, requestedAt: new Date(row.requestedAt).toISOString() },
  );
}

export const questionOf = (row: QuestionRow): QuestionView => ({
  key: row.key,
  runId: row.runId,
  toolCallId: row.toolCallId,
  questions: row.questions,
  requestedAt: new Date(row.requestedAt).toISOString(),
  expiresAt: row.expiresAt,
  onExpiry: row.onExpiry,
});
