import { api } from "#convex/_generated/api.js";
import type {
  operatorAuditResponse,
  operatorSessionsResponse,
  organizationsResponse,
  overviewResponse,
} from "#contracts/operator.ts";
import type { LIVE_STATUSES } from "#domain/lifecycle.ts";
import { VERSION } from "#domain/version.ts";
import type { z } from "zod";
import { serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { pageOf } from "../http/page.ts";
import { status } from "../status/status.ts";

interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** What an operator types is turned into a slug's own letters. */
const slugOf = (typed: string) => typed.trim().toLowerCase().replaceAll(/\s+/g, "-");

/** A page of organizations. @param slug what their slugs begin with */
export async function organizations(page: Page, slug = ""): Promise<z.infer<typeof organizationsResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) =>
      await serviceData().query(api.operatorReports.organizations, { paginationOpts, slug: slugOf(slug) }),
  );
  return { organizations: rows, nextCursor };
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
