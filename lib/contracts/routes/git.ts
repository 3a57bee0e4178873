import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { gitConnectionResponse, gitConnectionsResponse, putGitConnectionBody } from "../git.ts";
import { boundedText } from "../limits.ts";
import { idParam, type RouteTable } from "../route.ts";

const connection = z.object({
  connection: boundedText(LIMITS.gitConnection).describe("Small letters, digits and `-`, as you like."),
});
const named = z.object({ connection: idParam });
const admin = { scope: "settings:write" } as const;

export const GIT_ROUTES = {
  "GET /api/v1/git/connections": {
    id: "listGitConnections",
    tag: "Git",
    summary: "List git connections",
    description: "The organization's ways to git servers, without their credentials.",
    access: { scope: "settings:read" },
    response: { status: 200, json: gitConnectionsResponse },
  },
  "PUT /api/v1/git/connections/{connection}": {
    id: "saveGitConnection",
    tag: "Git",
    summary: "Save a git connection",
    description:
      "Tests the credential against the server, and stores it encrypted. One that is refused is stored too, with `status` of `error`.",
    access: admin,
    params: connection,
    body: putGitConnectionBody,
    example: {
      kind: "git",
      base_url: "https://git.example.com",
      username: "studio",
      token: "a-token",
      repositories: ["acme/shop"],
    },
    response: { status: 200, json: gitConnectionResponse },
    errors: ["key_unreadable"],
  },
  "DELETE /api/v1/git/connections/{connection}": {
    id: "removeGitConnection",
    tag: "Git",
    summary: "Remove a git connection",
    description: "Sessions that work with it can no longer fetch and push.",
    access: admin,
    params: named,
    response: { status: 204 },
  },
  "POST /api/v1/git/connections/{connection}/test": {
    id: "testGitConnection",
    tag: "Git",
    summary: "Test a git connection",
    access: admin,
    params: named,
    response: { status: 200, json: gitConnectionResponse },
    errors: ["key_unreadable"],
  },
} as const satisfies RouteTable;
