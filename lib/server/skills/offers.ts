import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { skillOffersResponse } from "#contracts/skills.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";
import { shownPath } from "./roots.ts";

/** What agents have made of skills, and nobody has decided on yet, newest first. */
export async function listOffers(
  caller: Principal,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof skillOffersResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await dataFor(caller).query(api.skillOffers.list, { paginationOpts }),
  );
  return {
    offers: rows.map((row) => ({
      id: row.id,
      skill_id: row.skillId,
      session_id: row.sessionId,
      name: row.name,
      path: shownPath(row.path),
      revision: row.revision,
      body_before: row.before,
      body_markdown: row.after,
      created_at: new Date(row.createdAt).toISOString(),
    })),
    next_cursor: nextCursor,
  };
}

/** Gives the organization's skill an agent's text, or makes the skill. @throws HttpError not_found | forbidden | invalid_request */
export async function takeOffer(caller: Principal, offerId: string): Promise<void> {
  await dataFor(caller).mutation(api.skillOffers.take, { offerId });
}

/** Leaves the organization's skill as it is. @throws HttpError not_found | forbidden */
export async function dismissOffer(caller: Principal, offerId: string): Promise<void> {
  await dataFor(caller).mutation(api.skillOffers.dismiss, { offerId });
}
