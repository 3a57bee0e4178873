import type { BodyOf, JsonOf, SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

export type Proposals = JsonOf<"GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals">;
export type Tested = JsonOf<"POST /api/v1/approval-rules/test">;
export type Simulated = JsonOf<"POST /api/v1/approval-rules/simulate">;
export type RuleScopeFromCard = NonNullable<
  BodyOf<"POST /api/v1/runs/{run_id}/approvals/{approval_key}">["rule"]
>["scope"];

/** Creates a rule. */
export const createRule = async (body: SentBody<"POST /api/v1/approval-rules">) =>
  await call("POST /api/v1/approval-rules", { body });

/** Changes a rule; what is left out stays. */
export const updateRule = async (id: string, body: SentBody<"PATCH /api/v1/approval-rules/{id}">) =>
  await call("PATCH /api/v1/approval-rules/{id}", { params: { id }, body });

/** Deletes a rule. */
export const deleteRule = async (id: string) =>
  await call("DELETE /api/v1/approval-rules/{id}", { params: { id } });

/** Moves a rule in front of another of its place; null moves it behind all of them. */
export const moveRule = async (id: string, before: string | null) =>
  await call("POST /api/v1/approval-rules/{id}/move", { params: { id }, body: { before } });

/** What rules say of one call. */
export const testRules = async (body: SentBody<"POST /api/v1/approval-rules/test">) =>
  await call("POST /api/v1/approval-rules/test", { body });

/** What unsaved rules would have said of a page of past calls. */
export const simulateRules = async (body: SentBody<"POST /api/v1/approval-rules/simulate">) =>
  await call("POST /api/v1/approval-rules/simulate", { body });

/** Patterns that would allow what is asked. */
export const loadProposals = async (run_id: string, approval_key: string): Promise<Proposals> =>
  await call("GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals", {
    params: { run_id, approval_key },
  });

/** Allows what is asked, and its like from now on. */
export const allowByRule = async (
  run_id: string,
  approval_key: string,
  rule: { tool_pattern: string; scope: RuleScopeFromCard },
) =>
  await call("POST /api/v1/runs/{run_id}/approvals/{approval_key}", {
    params: { run_id, approval_key },
    body: { decision: "approved", rule },
  });

/** A pattern as people read it: what stands behind the tool's name, where that is Studio's own. */
export const shownPattern = (pattern: string): string =>
  pattern.replace(/^builtin:shell:/, "").replace(/^builtin:(\w+):/, "$1 ");
