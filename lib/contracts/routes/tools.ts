import {
  okResponse,
  type RouteTable,
  sessionParams as session,
  WORKS_IN_SESSIONS as write,
} from "../route.ts";
import { filesystemBody, filesystemResponse, shellBody, shellResponse } from "../tools.ts";

const LIVE = ["session_stopped", "not_ready", "upstream_failed"] as const;

export const TOOL_ROUTES = {
  "POST /api/v1/sessions/{id}/tools/shell": {
    id: "runCommand",
    tag: "Workspace",
    summary: "Run a command in a session's sandbox",
    description:
      "As the caller, who may drive the session: nobody is asked. The session's log and the audit log say who ran what. Secrets are masked in what it prints.",
    access: write,
    params: session,
    body: shellBody,
    example: { command: "git status --short", timeout_seconds: 30 },
    response: { status: 200, json: shellResponse },
    errors: LIVE,
  },
  "POST /api/v1/sessions/{id}/tools/filesystem": {
    id: "useFiles",
    tag: "Workspace",
    summary: "Read, list or write files of a session",
    description: "Within the workspace, as the caller. The session's log says who changed what.",
    access: write,
    params: session,
    body: filesystemBody,
    example: { action: "read", path: "README.md" },
    response: { status: 200, json: filesystemResponse },
    errors: [...LIVE, "file_changed"],
  },
  "POST /api/v1/sessions/{id}/tools/browser": {
    id: "useBrowser",
    tag: "Workspace",
    summary: "Drive a browser in a session's sandbox",
    description: "Not there yet: it is refused with 501.",
    access: write,
    params: session,
    response: { status: 200, json: okResponse },
    errors: ["not_implemented"],
  },
} as const satisfies RouteTable;
