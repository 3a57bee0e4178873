import {
  type RouteTable,
  sessionParams as session,
  SEES_SESSIONS as read,
  WORKS_IN_SESSIONS as write,
} from "../route.ts";
import { configSummarySchema } from "../config-summary.ts";
import { provenanceSchema } from "../provenance.ts";
import { repeatBody, repeatPlan, repeatResponse } from "../repeats.ts";
import { idempotencyKey } from "../runs.ts";
import {
  deletedSession,
  exportReview,
  exportReviewBody,
  importQuery,
  maskedExportBody,
  sandboxStatus,
  sessionExport,
  sessionExportQuery,
  sessionStats,
  v1SessionDetail,
  v1SessionSchema,
  v1SessionsQuery,
  v1SessionsResponse,
} from "../sessions-v1.ts";

/** A session's log in the form that was asked for. */
const exported = {
  status: 200,
  json: sessionExport,
  download: "session.json",
  or: [
    { media: "application/x-ndjson", text: "The events, one a line." },
    { media: "text/markdown", text: "What was said and done, to be read." },
  ],
} as const;

export const V1_SESSION_ROUTES = {
  "GET /api/v1/sessions": {
    id: "findSessions",
    tag: "Sessions",
    summary: "List sessions, with their agents",
    description:
      "Newest first. With a filter a page may be short, or even empty, before the end: go on while `next_cursor` is not null.",
    access: read,
    query: v1SessionsQuery,
    response: { status: 200, json: v1SessionsResponse },
    errors: ["not_found"],
  },
  "GET /api/v1/sessions/{id}": {
    id: "readSession",
    tag: "Sessions",
    summary: "Get a session, with its messages and its agent",
    access: read,
    params: session,
    response: { status: 200, json: v1SessionDetail },
  },
  "DELETE /api/v1/sessions/{id}": {
    id: "deleteSession",
    tag: "Sessions",
    summary: "Delete a session",
    description:
      "Ends it without saving, and takes it from every list at once. Its events, artifacts, runs and checkpoints are removed within 24 hours; what it cost stays in the books. To end a session and keep it, use `DELETE /api/studio/sessions/{id}`.",
    access: write,
    params: session,
    response: { status: 200, json: deletedSession },
  },
  "GET /api/v1/sessions/{id}/stats": {
    id: "getSessionStats",
    tag: "Sessions",
    summary: "Get what a session has used and done",
    access: read,
    params: session,
    response: { status: 200, json: sessionStats },
  },
  "GET /api/v1/sessions/{id}/config": {
    id: "getSessionConfig",
    tag: "Sessions",
    summary: "Get what a session's runs are configured with",
    description: "Models, limits and safety, and where each value came from.",
    access: read,
    params: session,
    response: { status: 200, json: configSummarySchema },
  },
  "GET /api/v1/sessions/{id}/provenance": {
    id: "getSessionProvenance",
    tag: "Sessions",
    summary: "Get what a session began with",
    description:
      "Its environment, its sandbox's template with the versions of its programs, its set-up snapshot, its model and price, its agent's version, skills with hashes, rules, MCP servers with digests of their tools, and the commits of its repositories; and what of that is something else by now.",
    access: read,
    params: session,
    response: { status: 200, json: provenanceSchema },
  },
  "GET /api/v1/sessions/{id}/repeat": {
    id: "planRepeat",
    tag: "Sessions",
    summary: "Get what a repeat of a session can't have as it was",
    description:
      "A repeat begins with what the session began with: its agent's version, the texts of its skills, its rules, the approved tools of its MCP servers, its model, and the commits of its repositories. What can't be had any more is named here, with what a repeat has in its place.",
    access: write,
    params: session,
    response: { status: 200, json: repeatPlan },
    errors: ["key_unreadable"],
  },
  "POST /api/v1/sessions/{id}/repeat": {
    id: "repeatSession",
    tag: "Sessions",
    summary: "Begin a session with what another one began with",
    description:
      "With `run_id`, the new session does that run again. What can't be had as it was has to be accepted by its id (`accept`): otherwise nothing begins, and the refusal (409, `repeat_differs`) names it. Rules that deny count as they are now. Variables have the values that they have now.",
    access: write,
    params: session,
    headers: idempotencyKey,
    body: repeatBody,
    bodyOptional: true,
    response: { status: 201, json: repeatResponse },
    errors: [
      "repeat_differs",
      "unknown_provider",
      "unknown_model",
      "no_key",
      "no_credits",
      "session_limit",
      "git_failed",
      "key_unreadable",
      "already_exists",
    ],
  },
  "GET /api/v1/sessions/{id}/export": {
    id: "exportSession",
    tag: "Sessions",
    summary: "Export a session",
    description:
      "A download of all that its log has, with secrets masked as they are in the log. A file that was cut off has no end: its JSON can't be read.",
    access: read,
    params: session,
    query: sessionExportQuery,
    response: exported,
  },
  "POST /api/v1/sessions/{id}/export": {
    id: "exportMaskedSession",
    tag: "Sessions",
    summary: "Export a session with more of it masked",
    description:
      "As `GET …/export`, without the texts of `mask`: each is replaced by dots wherever it stands in the title, the agent and the events. Nothing in the session changes.",
    access: read,
    params: session,
    body: maskedExportBody,
    example: { format: "markdown", mask: ["Acme Corp"] },
    response: exported,
  },
  "POST /api/v1/sessions/{id}/export/review": {
    id: "reviewExport",
    tag: "Sessions",
    summary: "See what an export hides",
    description:
      "What the log hides already, and where the texts of `mask` stand, before anything is exported.",
    access: read,
    params: session,
    body: exportReviewBody,
    example: { mask: ["Acme Corp"] },
    response: { status: 200, json: exportReview },
  },
  "POST /api/v1/sessions/import": {
    id: "importSession",
    tag: "Sessions",
    summary: "Import an exported session, to be read",
    description:
      "Takes a file of `GET …/export`, as JSON or JSON Lines, of up to 100 MB and 100,000 events, and makes a session of it that can be read, inspected, exported, archived and deleted, and nothing else. Its export is the file again. What the file names by its id is nothing of this organization, and what it cost counts nowhere here. Of a file with a fault nothing stays: the refusal names the line and the field.",
    access: write,
    query: importQuery,
    upload: { media: ["application/json", "application/x-ndjson"], text: "The file, as it was exported." },
    response: { status: 201, json: v1SessionSchema },
    errors: ["session_limit", "no_credits"],
  },
  "GET /api/v1/sessions/{id}/sandbox": {
    id: "getSandboxStatus",
    tag: "Sessions",
    summary: "See whether a session's sandbox runs",
    access: read,
    params: session,
    response: { status: 200, json: sandboxStatus },
  },
  "POST /api/v1/sessions/{id}/sandbox/start": {
    id: "startSandbox",
    tag: "Sessions",
    summary: "Start a session's sandbox",
    description: "Resumes a session that has ended, with its work. Of a live one nothing changes.",
    access: write,
    params: session,
    response: { status: 202, json: sandboxStatus },
    errors: ["session_stopped", "session_limit", "no_credits"],
  },
  "POST /api/v1/sessions/{id}/sandbox/stop": {
    id: "stopSandbox",
    tag: "Sessions",
    summary: "Stop a session's sandbox",
    description: "Saves the session's work, and ends it; it can be started again.",
    access: write,
    params: session,
    response: { status: 200, json: sandboxStatus },
  },
} as const satisfies RouteTable;
