import { type Access, member, service } from "./function-access.ts";

const page = { paginationOpts: { numItems: 5, cursor: null } };
const definitions = [{ kind: "role", slug: "agent", seen: null }];

/** The functions of what sessions have made of the project: see functions.ts. */
export const SESSION_PROJECT_FUNCTIONS: Record<string, Access> = {
  "sessionProject:get": member("viewer", "project:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "sessionProject:counts": member("viewer", "project:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "sessionProject:definition": member("viewer", "project:read", "not_found", ({ sessionId }) => ({
    sessionId,
    kind: "role",
    slug: "agent",
  })),
  "sessionProject:definitions": member("viewer", "project:read", "not_found", ({ sessionId }) => ({
    sessionId,
    ...page,
  })),
  "sessionProject:texts": member("viewer", "project:read", "not_found", ({ sessionId }) => ({
    sessionId,
    ...page,
  })),
  "sessionProject:pushesAfter": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({
    sessionId,
    seq: 1,
  })),
  "sessionProject:push": member("member", "project:write", "not_found", ({ sessionId }) => ({
    sessionId,
    revision: 0,
    definitions,
    allowDeletions: true,
  })),
  "sessionProject:takeBack": member("member", "project:write", "not_found", ({ sessionId }) => ({
    sessionId,
    revision: 0,
  })),
  "sessionProject:compare": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    revision: 0,
  })),
  "sessionProject:known": service(({ sessionId }) => ({ sessionId })),
  "sessionProject:keep": service(({ sessionId }) => ({ sessionId, texts: [] })),
  "sessionProject:record": service(({ sessionId }) => ({
    sessionId,
    revision: 0,
    found: [],
    faults: [],
    at: 0,
  })),
  "sessionProject:failed": service(({ sessionId }) => ({ sessionId, problem: "p", at: 0 })),
};
