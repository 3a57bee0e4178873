import {
  beginLoginBody,
  beginLoginResponse,
  claimLoginBody,
  claimLoginResponse,
  decideLoginBody,
  decideLoginResponse,
  loginParams,
  logoutResponse,
  shownLoginResponse,
} from "../command-login.ts";
import type { RouteTable } from "../route.ts";

/** How the `struere` command gets a key: it makes one, and a person confirms it on a page of Studio. */
export const COMMAND_LOGIN_ROUTES = {
  "POST /api/v1/command-logins": {
    id: "beginCommandLogin",
    tag: "System",
    summary: "Begin a login of the struere command",
    description: "Open to anybody; nothing comes of it before a signed-in person confirms it.",
    access: "public",
    body: beginLoginBody,
    response: { status: 201, json: beginLoginResponse },
    errors: ["rate_limited", "invalid_request", "unavailable"],
  },
  "POST /api/v1/command-logins/claim": {
    id: "claimCommandLogin",
    tag: "System",
    summary: "Ask what has become of a login",
    access: "public",
    body: claimLoginBody,
    response: { status: 200, json: claimLoginResponse },
    errors: ["rate_limited", "not_found", "invalid_request", "unavailable"],
  },
  "GET /api/v1/command-logins/{code}": {
    id: "getCommandLogin",
    tag: "System",
    summary: "See a login that is to be confirmed",
    access: { scope: "project:read" },
    params: loginParams,
    response: { status: 200, json: shownLoginResponse },
  },
  "POST /api/v1/command-logins/{code}/decision": {
    id: "decideCommandLogin",
    tag: "System",
    summary: "Confirm or decline a login",
    description: "For a signed-in person alone, in the organization that they work in.",
    access: { scope: "project:read" },
    params: loginParams,
    body: decideLoginBody,
    example: { approve: true },
    response: { status: 200, json: decideLoginResponse },
    errors: ["already_decided"],
  },
  "POST /v1/logout": {
    id: "endCommandLogin",
    tag: "System",
    summary: "Revoke the key of a login",
    description: "Served by Convex, for `struere logout`: the key that it is sent with ends.",
    at: "site",
    access: { scope: "project:read" },
    response: { status: 200, json: logoutResponse },
  },
} as const satisfies RouteTable;
