import type { RouteTable } from "../route.ts";
import {
  putSetupBody,
  setupOutputResponse,
  setupParam,
  setupQuery,
  setupResponse,
  setupsResponse,
} from "../setup.ts";

export const SETUP_ROUTES = {
  "GET /api/v1/setup": {
    id: "listSetups",
    tag: "Organization",
    summary: "List set-up scripts",
    description: "The scripts that prepare new sandboxes, each with the last build of its snapshot.",
    access: { scope: "settings:read" },
    response: { status: 200, json: setupsResponse },
  },
  "PUT /api/v1/setup/{environment}": {
    id: "saveSetup",
    tag: "Organization",
    summary: "Save a set-up script",
    description:
      "New sandboxes of the environment begin with what it made. It runs in a fresh sandbox, and its result is kept as a snapshot; until there is one, and where one can't be used, it runs in the session's own sandbox. A repository's script runs after the project's, in its clone, for sessions that begin from it.",
    access: { scope: "settings:write" },
    params: setupParam,
    body: putSetupBody,
    example: { script: "npm ci", lockfiles: ["package-lock.json"], requires: ["NPM_TOKEN"] },
    response: { status: 200, json: setupResponse },
  },
  "DELETE /api/v1/setup/{environment}": {
    id: "removeSetup",
    tag: "Organization",
    summary: "Remove a set-up script",
    description: "Its snapshot goes with it. Sessions that have begun with it keep what they have.",
    access: { scope: "settings:write" },
    params: setupParam,
    query: setupQuery,
    response: { status: 204 },
  },
  "POST /api/v1/setup/{environment}/rebuild": {
    id: "rebuildSetup",
    tag: "Organization",
    summary: "Build the snapshot again",
    description: "Sessions begin with the one before until it is there. A build that is under way is enough.",
    access: { scope: "settings:write" },
    params: setupParam,
    query: setupQuery,
    response: { status: 202, json: setupResponse },
  },
  "GET /api/v1/setup/{environment}/output": {
    id: "readSetupOutput",
    tag: "Organization",
    summary: "Read the last build's output",
    access: { scope: "settings:read" },
    params: setupParam,
    query: setupQuery,
    response: { status: 200, json: setupOutputResponse },
  },
} as const satisfies RouteTable;
