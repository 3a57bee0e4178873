import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Doc } from "#convex/_generated/dataModel.js";
import type { runResponse, runsQuery, runsResponse } from "#contracts/runs.ts";
import type { Run } from "#contracts/sessions.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";
import { sessionConfig } from "./config.ts";
import { iso, toRun } from "./run-view.ts";

type WholeRun = z.infer<typeof runResponse>["run"];

/** How far the logs have come of the sessions whose runs are going. */
async function seqsOf(caller: Principal, rows: readonly Doc<"runs">[]): Promise<ReadonlyMap<string, number>> {
  const sessionIds = [
    ...new Set(rows.filter(({ status }) => status === "running").map((row) => row.sessionId)),
  ];
  if (sessionIds.length === 0) return new Map();
  const found = await dataFor(caller).query(api.sessionLists.counts, { sessionIds });
  return new Map(found.map(({ sessionId, seq }) => [sessionId, seq]));
}

/** One run of the caller's organization. */
export async function getRun(caller: Principal, runId: string): Promise<Run> {
  const row = await dataFor(caller).query(api.runs.get, { runId });
  return toRun(row, (await seqsOf(caller, [row])).get(row.sessionId));
}

async function webhookOf(caller: Principal, runId: string): Promise<WholeRun["webhook"]> {
  const row = await dataFor(caller).query(api.runWebhooks.ofRun, { runId });
  if (!row) return null;
  const { url, status, attempts, dueAt, lastStatus, lastError, deliveredAt } = row;
  return {
    url,
    status,
    attempts,
    next_attempt_at: status === "due" ? iso(dueAt) : null,
    last_status: lastStatus ?? null,
    last_error: lastError ?? null,
    delivered_at: iso(deliveredAt),
  };
}

async function decisionsOf(caller: Principal, runId: string): Promise<WholeRun["decisions"]> {
  const rows = await dataFor(caller).query(api.approvals.ofRun, { runId });
  return rows.map((row) => ({
    approval_key: row.key,
    tool_name: row.tool,
    summary: row.summary,
    decision: row.decision,
    reason: row.reason as WholeRun["decisions"][number]["reason"],
    decided_by: row.decidedBy,
    requested_at: new Date(row.requestedAt).toISOString(),
    decided_at: iso(row.decidedAt ?? undefined),
  }));
}

/** The same with what it was configured with, what was decided on its questions, and how its end is told. */
export async function getWholeRun(caller: Principal, runId: string): Promise<WholeRun> {
  const run = await getRun(caller, runId);
  const [config_summary, decisions, webhook] = await Promise.all([
    sessionConfig(caller, run.session_id),
    decisionsOf(caller, runId),
    webhookOf(caller, runId),
  ]);
  return { ...run, config_summary, decisions, webhook };
}

/** A page of the organization's runs, newest first; what the filter leaves of it. */
export async function listRuns(
  caller: Principal,
  query: z.output<typeof runsQuery>,
): Promise<z.infer<typeof runsResponse>> {
  const { limit, cursor, session_id, agent_id, user_id, from, until, min_cost_usd, ...same } = query;
  const wanted = {
    ...same,
    sessionId: session_id,
    agentId: agent_id,
    personId: user_id,
    from: from === undefined ? undefined : Date.parse(from),
    until: until === undefined ? undefined : Date.parse(until),
    minCostMicroUsd: min_cost_usd === undefined ? undefined : Math.ceil(min_cost_usd * 1_000_000),
  };
  const filter = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  const { rows, nextCursor } = await pageOf(
    { limit, cursor },
    async (paginationOpts) => await dataFor(caller).query(api.runs.list, { paginationOpts, ...filter }),
  );
  const seqs = await seqsOf(caller, rows);
  return { runs: rows.map((row) => toRun(row, seqs.get(row.sessionId))), next_cursor: nextCursor };
}
