import { type Access, member, service } from "./function-access.ts";

const operator = { by: "o@studio.example", via: "page" };

/** The functions of support access and retention: see functions.ts. */
export const SUPPORT_FUNCTIONS: Record<string, Access> = {
  "retention:preview": member("admin", "settings:read", "own", () => ({ days: 30 })),
  "supportAccess:told": member("viewer", "settings:read", "own"),
  "supportAccess:grant": member("admin", "settings:write", "own", () => ({ hours: 1, reason: "A ticket" })),
  "supportAccess:end": member("admin", "settings:write", "own"),
  "supportReads:look": service(({ organizationId, sessionId }) => ({
    operator,
    organization: organizationId,
    sessionId,
  })),
  "supportReads:sessions": service(({ organizationId }) => ({
    operator,
    at: 0,
    organization: organizationId,
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "supportReads:log": service(({ organizationId, sessionId }) => ({
    operator,
    organization: organizationId,
    at: 0,
    sessionId,
    after: 0,
    limit: 5,
  })),
};
