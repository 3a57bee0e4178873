import { api } from "#convex/_generated/api.js";
import type { AccountExport } from "#contracts/exports.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";

const PAGE_ROWS = 100;
/** More sessions of one person are not listed, and the file says so. */
const MAX_PAGES = 100;

const iso = (at: number) => new Date(at).toISOString();

async function readPage(caller: Principal, cursor: string | null) {
  return await dataFor(caller).query(api.exports.ownSessions, {
    paginationOpts: { numItems: PAGE_ROWS, cursor },
  });
}

/** What Studio knows of the caller: who they are, where they are a member, and their sessions where they work now. */
export async function exportAccount(caller: Principal): Promise<AccountExport> {
  const profile = await dataFor(caller).query(api.exports.profile, {});
  const here = profile.memberships.find((entry) => entry.organizationId === profile.organizationId);
  const sessions: AccountExport["sessions"] = [];
  const totals = { sessions: 0, input_tokens: 0, output_tokens: 0, cost_micro_usd: 0, credits_consumed: 0 };
  let cursor: string | null = null;
  let complete = false;
  for (let page = 0; page < MAX_PAGES && !complete; page += 1) {
    const found: Awaited<ReturnType<typeof readPage>> = await readPage(caller, cursor);
    for (const session of found.page) {
      sessions.push({
        id: session.id,
        title: session.title,
        environment: session.environment,
        status: session.status,
        provider: session.provider,
        model: session.model,
        total_input_tokens: session.totalInputTokens,
        total_output_tokens: session.totalOutputTokens,
        total_cost_micro_usd: session.totalCostMicroUsd,
        total_credits_consumed: session.totalCreditsConsumed,
        created_at: iso(session.createdAt),
        stopped_at: session.stoppedAt === null ? null : iso(session.stoppedAt),
      });
      totals.sessions += 1;
      totals.input_tokens += session.totalInputTokens;
      totals.output_tokens += session.totalOutputTokens;
      totals.cost_micro_usd += session.totalCostMicroUsd;
      totals.credits_consumed += session.totalCreditsConsumed;
    }
    cursor = found.continueCursor;
    complete = found.isDone;
  }
  const name = here?.name ?? "";
  return {
    exported_at: iso(Date.now()),
    profile: {
      id: profile.userId,
      name: profile.name,
      email: profile.email,
      known_since: iso(profile.createdAt),
    },
    memberships: profile.memberships.map(({ organizationId, ...rest }) => ({
      organization_id: organizationId,
      ...rest,
    })),
    covers: {
      organization_id: profile.organizationId,
      name,
      note: `The sessions and totals are yours in ${name} only. For another organization, switch to it and export again.`,
    },
    sessions,
    totals,
    complete,
  };
}
