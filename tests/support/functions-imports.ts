import { type Access, actor, member } from "./function-access.ts";
import { EXPORTED_SESSION } from "./exported-session.ts";

/** The functions of imports: see functions.ts. */
export const IMPORT_FUNCTIONS: Record<string, Access> = {
  "sessionImports:begin": actor("member", "sessions:write", "own", () => ({ format: "jsonl" })),
  "sessionImports:append": actor("member", "sessions:write", "not_found", ({ importId }) => ({
    importId,
    from: 1,
    events: [JSON.stringify(EXPORTED_SESSION.events[0])],
  })),
  "sessionImports:finish": actor("member", "sessions:write", "not_found", ({ importId }) => ({
    importId,
    title: "t",
    provider: "demo",
    model: "demo",
  })),
  "sessionImports:abandon": actor("member", "sessions:write", "not_found", ({ importId }) => ({ importId })),
  "sessionImports:head": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "sessionImports:texts": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({
    sessionId,
    after: 0,
    limit: 5,
  })),
};
