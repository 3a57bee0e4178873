import { PROJECT_CHANGES_ELSEWHERE } from "#tests/project-change-routes.ts";
import { type RouteName, ROUTES } from "#contracts/routes.ts";

/** Routes that every-response.test.ts does not call with success, and where they are. */
export const ELSEWHERE: Partial<Record<RouteName, string>> = {
  "GET /api/studio/sessions/{id}/checkpoints": "rewind.test.ts lists them",
  "POST /api/studio/sessions/{id}/checkpoints": "rewind.test.ts saves",
  "POST /api/studio/sessions/{id}/checkpoints/{checkpoint_id}/restore": "rewind.test.ts restores a file",
  "POST /api/studio/sessions/{id}/rewind": "rewind.test.ts goes back",
  "POST /api/studio/sessions/{id}/resume": "checkpoints.test.ts: it starts an agent again",
  "POST /api/studio/sessions/{id}/branch": "branches.test.ts: it starts an agent",
  "POST /api/v1/sessions/{id}/branch": "branches.test.ts: it starts an agent",
  "POST /api/v1/skill-offers/{id}/take": "session.test.ts takes what an agent has changed",
  "POST /api/v1/skill-offers/{id}/dismiss": "convex/skill-offers.test.ts: it needs what an agent has changed",
  "GET /api/studio/sessions/{id}/files/search": "branches.test.ts: it needs saved work",
  "GET /api/studio/sessions/{id}/checkpoints/compare": "branches.test.ts: it needs saved work",
  "POST /api/v1/sessions/import": "every-route.test.ts imports a file, which is no JSON of a body",
  "POST /api/v1/sessions/{id}/tools/browser": "it is refused with 501, as doors.ts sees",
  "POST /api/studio/sessions/{id}/git/message": "git.test.ts proposes a message",
  "DELETE /api/studio/sessions/{id}/git/update": "git-change.test.ts abandons an update in conflict",
  "POST /api/studio/sessions/{id}/payer": "payer.test.ts: it needs a key that is refused",
  "POST /api/v1/mcp/servers/{id}/sign-in": "mcp.test.ts signs in",
  "POST /api/v1/mcp/sign-ins": "mcp.test.ts signs in",
  "POST /api/mcp/{server}": "mcp.test.ts: the agent uses one through it",
  "POST /api/mcp/{server}/report": "mcp.test.ts: what is said there is in the log",
  "GET /api/registry/{registry}/{path}": "setup.test.ts installs through it",
  "GET /api/git/{connection}/{path}": "git.test.ts fetches and pushes through it",
  "POST /api/git/{connection}/{path}": "git.test.ts fetches and pushes through it",
  "POST /api/gateway/{provider}/{path}": "every run here calls the demo model through it",
  ...Object.fromEntries(
    (Object.keys(ROUTES) as RouteName[])
      .filter((name) => ROUTES[name].access === "operator")
      .map((name) => [name, "contract/auth/operators.test.ts: one operator calls each"]),
  ),
  ...PROJECT_CHANGES_ELSEWHERE,
  "POST /api/v1/command-logins":
    "convex/command-login.test.ts: it's open, and bounded by where it comes from",
  "POST /api/v1/command-logins/claim": "convex/command-login.test.ts: a login is needed",
  "GET /api/v1/command-logins/{code}": "convex/command-login.test.ts: no key may ask",
  "POST /api/v1/command-logins/{code}/decision": "convex/command-login.test.ts: no key may decide",
  "POST /v1/logout": "convex/command-login.test.ts: it ends the key",
  "POST /v1/sync/state": "convex/project-sync.test.ts: a key of its own is needed",
  "POST /v1/sync": "convex/project-sync.test.ts pushes, by keys that may and that may not",
  "POST /v1/sync/pull": "every session here pulls its project, and checks what comes",
  "POST /api/webhooks/git/{connection}": "to-green.ts sends them",
  "POST /api/webhooks/stripe": "purchases.test.ts buys",
  "POST /api/v1/credits/checkout": "purchases.test.ts buys",
  "GET /api/v1/credits/checkout/{id}": "purchases.test.ts buys",
  "GET /api/v1/credits/purchases": "purchases.test.ts buys",
  "POST /api/v1/credits/portal": "purchases.test.ts opens it",
  "GET /api/v1/credits/top-up": "purchases.test.ts reads it",
  "PUT /api/v1/credits/top-up": "purchases.test.ts sets it",
  "POST /api/webhooks/clerk": "contract/auth: it needs Clerk's secret",
};
