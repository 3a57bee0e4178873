import { checkpointsResponse, savedResponse } from "../checkpoints.ts";
import {
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
    errors: ["session_stopped", "session_limit", "not_ready", "turn_running", "upstream_failed"],
  },
} as const satisfies RouteTable;
