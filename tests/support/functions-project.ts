import { type Access, member } from "./function-access.ts";
import { SESSION_PROJECT_FUNCTIONS } from "./functions-session-project.ts";

const page = { paginationOpts: { numItems: 5, cursor: null } };
const development = { environment: "development" };
const role = { ...development, kind: "role", slug: "agent" };
const entityType = { ...development, kind: "entityType", slug: "ticket" };

/** The functions of the project: see functions.ts. Each organization begins with the same definitions. */
export const PROJECT_FUNCTIONS: Record<string, Access> = {
  ...SESSION_PROJECT_FUNCTIONS,
  "projectAgents:list": member("viewer", "project:read", "own", () => ({ ...development, ...page })),
  "projectAgents:get": member("viewer", "project:read", "own", () => ({
    ...development,
    slug: "support-agent",
  })),
  "projectDefinitions:head": member("viewer", "project:read", "own", () => development),
  "projectDefinitions:names": member("viewer", "project:read", "own", () => development),
  "projectDefinitions:list": member("viewer", "project:read", "own", () => ({
    ...development,
    kind: "agent",
    ...page,
  })),
  "projectDefinitions:get": member("viewer", "project:read", "own", () => role),
  "projectDefinitions:contents": member("viewer", "project:read", "own", () => ({
    ...development,
    ...page,
  })),
  "projectDefinitions:references": member("viewer", "project:read", "own", () => ({
    ...development,
    ...page,
  })),
  "projectDefinitions:entityTypes": member("viewer", "project:read", "own", () => development),
  "projectDefinitions:check": member("viewer", "project:read", "own", () => ({
    kind: "agent",
    definition: "{}",
  })),
  "projectHistory:pushes": member("viewer", "project:read", "own", () => ({ ...development, ...page })),
  "projectHistory:changes": member("viewer", "project:read", "own", () => ({
    ...development,
    revision: 0,
    ...page,
  })),
  "projectHistory:versions": member("viewer", "project:read", "own", () => ({ ...role, ...page })),
  "projectHistory:version": member("viewer", "project:read", "own", () => ({ ...role, number: 1 })),
  "projectEdits:change": member("member", "project:write", "own", () => ({
    ...entityType,
    definition: JSON.stringify({
      name: "Ticket",
      slug: "ticket",
      schema: { type: "object", properties: { subject: { type: "string" } } },
    }),
    baseRevision: 0,
  })),
  "projectEdits:restore": member("member", "project:write", "own", () => ({
    ...role,
    number: 1,
    baseRevision: 0,
  })),
  "projectEdits:undo": member("member", "project:write", "not_found", () => ({
    ...development,
    revision: 1,
  })),
  "projectEdits:promote": member("member", "project:write", "own", () => ({
    ...development,
    from: "production",
    fromRevision: 0,
    baseRevision: 0,
    names: [{ kind: "role", slug: "agent" }],
  })),
};
