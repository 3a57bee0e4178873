import { api } from "#convex/_generated/api.js";
import type {
  operatorAuditResponse,
  operatorSessionsResponse,
  organizationsResponse,
  overviewResponse,
  supportSessionsResponse,
} from "#contracts/operator.ts";
import type { eventsResponse } from "#contracts/sessions.ts";
import type { LIVE_STATUSES } from "#domain/lifecycle.ts";
import type { Operator } from "#domain/operator.ts";
import { VERSION } from "#domain/version.ts";
import type { z } from "zod";
import { serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { pageOf } from "../http/page.ts";
import { status } from "../status/status.ts";
import { toEnvelope } from "../stream/envelope.ts";

interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** A page of organizations, the newest first; with `search`, the best matches and no further page. */
export async function organizations(page: Page, search = ""): Promise<z.infer<typeof organizationsResponse>> {
  const data = serviceData();
  if (search.trim() !== "") {
    const found = await data.query(api.operatorReports.search, { text: search.trim() });
    return { ...found, nextCursor: null };
  }
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await data.query(api.operatorReports.organizations, { paginationOpts }),
  );
  return { organizations: rows, isCut: false, nextCursor };
}

/** A page of an organization's live sessions in one state. */
export async function liveSessions(
  organization: string,
  status: (typeof LIVE_STATUSES)[number],
  page: Page,
): Promise<z.infer<typeof operatorSessionsResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) =>
      await serviceData().query(api.operatorReports.sessions, { organization, status, paginationOpts }),
  );
  return { sessions: rows, nextCursor };
}

/**
 * A page of an organization's sessions, with its consent; both audits say that they were listed.
 * @throws forbidden without consent
 */
export async function supportSessions(
  operator: Operator,
  organization: string,
  { limit, cursor, text = "", archived }: Page & { text?: string | undefined; archived: boolean },
): Promise<z.infer<typeof supportSessionsResponse>> {
  const data = serviceData();
  await data.mutation(api.supportReads.look, { operator, organization, sessionId: null });
  let truncated = false;
  const { rows, nextCursor } = await pageOf({ limit, cursor }, async (paginationOpts) => {
    const found = await data.query(api.supportReads.sessions, {
      operator,
      at: Date.now(),
      organization,
      archived,
      paginationOpts,
      ...(text !== "" && { text }),
    });
    ({ truncated } = found);
    return found;
  });
  return { sessions: rows, truncated, nextCursor };
}

/**
 * A page of a session's log, with its organization's consent; both audits say that it was looked at.
 * @param page `cursor`: the `seq` behind which it begins
 * @throws forbidden without consent | not_found
 */
export async function supportLog(
  operator: Operator,
  organization: string,
  sessionId: string,
  page: { limit: number; cursor: number },
): Promise<z.infer<typeof eventsResponse>> {
  const data = serviceData();
  const named = { operator, organization, sessionId };
  await data.mutation(api.supportReads.look, named);
  const { limit, cursor: after } = page;
  const { events, last, isDone } = await data.query(api.supportReads.log, {
    ...named,
    at: Date.now(),
    after,
    limit,
  });
  return { events: events.map(toEnvelope), next_cursor: isDone ? null : String(last) };
}

/** A page of what operators have done. */
export async function operatorAudit(
  page: Page,
  organization?: string,
): Promise<z.infer<typeof operatorAuditResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) =>
      await serviceData().query(api.operatorReports.audit, {
        paginationOpts,
        ...(organization !== undefined && { organization }),
      }),
  );
  return { entries: rows, nextCursor };
}

/** How Studio stands as a whole. */
export async function overview(): Promise<z.infer<typeof overviewResponse>> {
  const [services, found] = await Promise.all([
    status(),
    serviceData().query(api.operatorReports.overview, { now: Date.now() }),
  ]);
  return {
    ...found,
    status: services,
    versions: [
      { name: "Studio", version: VERSION },
      { name: "Node.js", version: process.versions.node },
      { name: "Sandbox template", version: env().SANDBOX_TEMPLATE },
    ],
  };
}
