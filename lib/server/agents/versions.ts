import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { AgentJson, AgentVersionJson, wholeAgentVersionJson } from "#contracts/agents.ts";
import { agentAsJson } from "#domain/agent.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";
import { whole } from "./agents.ts";

type Version = FunctionReturnType<typeof api.agentVersions.list>["page"][number];

const toJson = (row: Version): AgentVersionJson => ({
  version: row.revision,
  author: row.authorId === null ? null : { id: row.authorId, name: row.authorName ?? "" },
  restored_from: row.restoredFrom,
  created_at: new Date(row.at).toISOString(),
  changes: row.changes,
});

/** A page of an agent's kept versions, the present one first. @throws HttpError not_found */
export async function listVersions(
  caller: Principal,
  agentId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ versions: AgentVersionJson[]; next_cursor: string | null }> {
  const { rows, nextCursor } = await pageOf(
    { limit, cursor },
    async (paginationOpts) =>
      await dataFor(caller).query(api.agentVersions.list, { agentId, paginationOpts }),
  );
  return { versions: rows.map(toJson), next_cursor: nextCursor };
}

/** One version of an agent, whole. @throws HttpError not_found */
export async function getVersion(
  caller: Principal,
  agentId: string,
  version: number,
): Promise<z.infer<typeof wholeAgentVersionJson>> {
  const { fields, ...row } = await dataFor(caller).query(api.agentVersions.get, {
    agentId,
    revision: version,
  });
  return { ...toJson(row), agent: agentAsJson(fields) };
}

/**
 * Makes an agent what it was in an earlier version, as its next one.
 * @throws HttpError not_found | unknown_provider | unknown_model | invalid_request
 */
export const restoreVersion = async (
  caller: Principal,
  agentId: string,
  version: number,
): Promise<AgentJson> =>
  await whole(
    caller,
    await dataFor(caller).mutation(api.agentVersions.restore, { agentId, revision: version }),
  );
