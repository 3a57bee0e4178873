import {
  compareChangesBody,
  discardChangesBody,
  discardChangesResponse,
  handOverChangesBody,
  projectChangeQuery,
  projectChangeResponse,
  projectChangesResponse,
  pushChangesBody,
  pushChangesResponse,
} from "../project-changes.ts";
import { messageResponse } from "../sessions.ts";
import {
  okResponse,
  type RouteTable,
  sessionParams as session,
  WORKS_IN_SESSIONS as write,
} from "../route.ts";

const LIVE = ["session_stopped", "not_ready", "upstream_failed", "key_unreadable"] as const;
const definitions = [{ kind: "agent", slug: "support-agent" }];

export const PROJECT_CHANGE_ROUTES = {
  "GET /api/studio/sessions/{id}/project": {
    id: "listWorkspaceChanges",
    tag: "Workspace",
    summary: "List what a workspace changes of the project",
    description:
      "Definitions that the session's workspace has otherwise than the revision that was pulled, what they mean, and problems of its files. The workspace is looked at after each turn.",
    access: { scope: "project:read" },
    params: session,
    response: { status: 200, json: projectChangesResponse },
  },
  "POST /api/studio/sessions/{id}/project/look": {
    id: "lookAtWorkspace",
    tag: "Workspace",
    summary: "Compare a workspace with the project now",
    access: write,
    params: session,
    response: { status: 200, json: okResponse },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/project/definition": {
    id: "getWorkspaceChange",
    tag: "Workspace",
    summary: "See one changed definition",
    description: "As the workspace has it, as it was pulled, and as the environment has it now.",
    access: { scope: "project:read" },
    params: session,
    query: projectChangeQuery,
    response: { status: 200, json: projectChangeResponse },
  },
  "POST /api/studio/sessions/{id}/project/push": {
    id: "pushWorkspaceChanges",
    tag: "Workspace",
    summary: "Push chosen changes to the environment",
    description:
      "All of them or none, against the revision that was pulled: where the environment has changed since, nothing is pushed. What is so already isn't changed again. Production needs an admin, and `confirm`.",
    access: { scope: "project:write" },
    params: session,
    body: pushChangesBody,
    example: { revision: 3, definitions: [{ kind: "agent", slug: "support-agent", seen: "0".repeat(64) }] },
    response: { status: 200, json: pushChangesResponse },
    errors: ["project_moved", "file_changed"],
  },
  "POST /api/studio/sessions/{id}/project/take-back": {
    id: "takeBackWorkspacePush",
    tag: "Workspace",
    summary: "Take back the session's last push",
    description:
      "The environment becomes what it was before, as its next change; the workspace keeps what it has.",
    access: { scope: "project:write" },
    params: session,
    body: compareChangesBody,
    example: { revision: 4 },
    response: { status: 200, json: pushChangesResponse },
    errors: ["project_moved"],
  },
  "POST /api/studio/sessions/{id}/project/discard": {
    id: "discardWorkspaceChanges",
    tag: "Workspace",
    summary: "Discard chosen changes",
    description: "Writes their files as they were pulled. Nothing of the environment changes.",
    access: write,
    params: session,
    body: discardChangesBody,
    example: { definitions },
    response: { status: 200, json: discardChangesResponse },
    errors: [...LIVE, "file_changed"],
  },
  "POST /api/studio/sessions/{id}/project/hand-over": {
    id: "handOverWorkspaceChanges",
    tag: "Workspace",
    summary: "Send changes back to the agent",
    description: "As one message of the caller's, with their comments and with what is wrong.",
    access: write,
    params: session,
    body: handOverChangesBody,
    example: { definitions: [{ ...definitions[0], comment: "Keep the refund limit at 500." }], faults: true },
    response: { status: 202, json: messageResponse },
    errors: ["session_stopped", "queue_full", "no_credits"],
  },
  "POST /api/studio/sessions/{id}/project/update": {
    id: "updateWorkspaceProject",
    tag: "Workspace",
    summary: "Bring what others have changed into the workspace",
    description:
      "Changes of the workspace's own stay. Where both have changed the same definition, nothing is written.",
    access: write,
    params: session,
    response: { status: 200, json: okResponse },
    errors: [...LIVE, "file_changed"],
  },
  "POST /api/studio/sessions/{id}/project/compare": {
    id: "compareWorkspaceProject",
    tag: "Workspace",
    summary: "Compare a workspace with the latest revision",
    description:
      "What others have changed and the workspace doesn't have then counts as a change of the workspace.",
    access: write,
    params: session,
    body: compareChangesBody,
    example: { revision: 4 },
    response: { status: 200, json: okResponse },
    errors: ["project_moved"],
  },
} as const satisfies RouteTable;
