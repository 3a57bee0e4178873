import { type RouteTable, SEES_SESSIONS as read, sessionParams as session } from "../route.ts";
import {
  compareQuery,
  compareResponse,
  savedWorkResponse,
  searchFilesQuery,
  searchFilesResponse,
} from "../saved.ts";

const ERRORS = ["session_stopped", "upstream_failed"] as const;

/** What can be seen of a session's saved work, without a sandbox. */
export const SAVED_ROUTES = {
  "GET /api/studio/sessions/{id}/files/search": {
    id: "searchFiles",
    tag: "Workspace",
    summary: "Search the saved files",
    description:
      "Finds words in the session's text files as they were last saved, also of a session that has ended. For members: secrets in saved files can't be masked.",
    access: read,
    params: session,
    query: searchFilesQuery,
    response: { status: 200, json: searchFilesResponse },
    errors: ERRORS,
  },
  "GET /api/v1/saved-work": {
    id: "getSavedWork",
    tag: "Organization",
    summary: "See how much is saved",
    description:
      "How much room the organization's checkpoints take, of how much; and what is left out of them.",
    access: { scope: "settings:read" },
    response: { status: 200, json: savedWorkResponse },
  },
  "GET /api/studio/sessions/{id}/checkpoints/compare": {
    id: "compareCheckpoints",
    tag: "Workspace",
    summary: "Compare checkpoints",
    description:
      "What differs between two checkpoints, or, with `run`, between those before and after one turn. For members: secrets in saved files can't be masked.",
    access: read,
    params: session,
    query: compareQuery,
    response: { status: 200, json: compareResponse },
    errors: [...ERRORS, "not_ready"],
  },
} as const satisfies RouteTable;
