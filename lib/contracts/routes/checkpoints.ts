import {
  checkpointsResponse,
  restoreBody,
  restoreResponse,
  rewindBody,
  rewindResponse,
  savedResponse,
} from "../checkpoints.ts";
import {
  idParam,
  type RouteTable,
  sessionParams as session,
  SEES_SESSIONS as read,
  WORKS_IN_SESSIONS as write,
} from "../route.ts";
import { pageQuery } from "../sessions.ts";

export const CHECKPOINT_ROUTES = {
  "GET /api/studio/sessions/{id}/checkpoints": {
    id: "listCheckpoints",
    tag: "Sessions",
    summary: "List a session's checkpoints",
    description: "The verified ones, newest first.",
    access: read,
    params: session,
    query: pageQuery,
    response: { status: 200, json: checkpointsResponse },
  },
  "POST /api/studio/sessions/{id}/checkpoints": {
    id: "saveCheckpoint",
    tag: "Sessions",
    summary: "Save a session now",
    description:
      "Takes a checkpoint of the workspace and of the agent's conversation. Refused while a run is going, whose end is saved by itself.",
    access: write,
    params: session,
    response: { status: 202, json: savedResponse },
    errors: [
      "session_stopped",
      "session_limit",
      "no_credits",
      "not_ready",
      "turn_running",
      "upstream_failed",
    ],
  },
  "POST /api/studio/sessions/{id}/checkpoints/{checkpoint_id}/restore": {
    id: "restoreFile",
    tag: "Sessions",
    summary: "Restore a file from a checkpoint",
    description:
      "Brings one file of a live session's workspace to what it was. Everything else stays, and the log says who did it.",
    access: write,
    params: session.extend({ checkpoint_id: idParam }),
    body: restoreBody,
    example: { path: "src/app.ts" },
    response: { status: 200, json: restoreResponse },
    errors: ["session_stopped", "not_ready", "turn_running", "not_saved", "file_changed", "upstream_failed"],
  },
  "POST /api/studio/sessions/{id}/rewind": {
    id: "rewindSession",
    tag: "Sessions",
    summary: "Go back to an earlier turn",
    description:
      "Brings the conversation, the files, or both back to the end of an earlier run. What is there now is saved first, so that it can be undone until the next run begins. Effects of shell commands are included. Files that a person has changed by hand since the last run are never overwritten unless they are named: without that it is refused, and nothing changes. The log keeps every event. A session that has ended goes on for it in another sandbox; a preview of one needs none.",
    access: write,
    params: session,
    body: rewindBody,
    example: { runId: "k57…", what: "both", preview: true },
    response: { status: 202, json: rewindResponse },
    errors: [
      "session_stopped",
      "session_limit",
      "no_credits",
      "not_ready",
      "turn_running",
      "not_saved",
      "file_changed",
      "project_moved",
      "upstream_failed",
    ],
  },
} as const satisfies RouteTable;
