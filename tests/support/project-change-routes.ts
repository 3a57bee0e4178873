/** The routes of what sessions change of the project, for the tables of tests/integration. */

const CHOSEN = { kind: "agent", slug: "support-agent", seen: null };
const row = (body?: unknown) => ({ body, foreign: "not_found" as const });

/** As another organization calls them: see every-route.test.ts. */
export const PROJECT_CHANGE_PROBES = {
  "GET /api/studio/sessions/{id}/project": row(),
  "GET /api/studio/sessions/{id}/project/definition": row(),
  "POST /api/studio/sessions/{id}/project/look": row(),
  "POST /api/studio/sessions/{id}/project/push": row({ revision: 0, definitions: [CHOSEN] }),
  "POST /api/studio/sessions/{id}/project/take-back": row({ revision: 0 }),
  "POST /api/studio/sessions/{id}/project/compare": row({ revision: 0 }),
  "POST /api/studio/sessions/{id}/project/update": row(),
  "POST /api/studio/sessions/{id}/project/discard": row({
    definitions: [{ kind: "agent", slug: "support-agent" }],
  }),
  "POST /api/studio/sessions/{id}/project/hand-over": row({ definitions: [], message: "m" }),
};

/** Where each is called with success: see every-response.test.ts. */
export const PROJECT_CHANGES_ELSEWHERE = {
  "GET /api/studio/sessions/{id}/project":
    "convex/session-project-round.test.ts lists what a workspace changes",
  "GET /api/studio/sessions/{id}/project/definition": "convex/session-project.test.ts: it needs a change",
  "POST /api/studio/sessions/{id}/project/look": "convex/session-project-round.test.ts looks",
  "POST /api/studio/sessions/{id}/project/push": "convex/session-project.test.ts pushes",
  "POST /api/studio/sessions/{id}/project/take-back": "convex/session-project.test.ts takes a push back",
  "POST /api/studio/sessions/{id}/project/discard": "unit/server/sandbox-files.test.ts: it needs a change",
  "POST /api/studio/sessions/{id}/project/hand-over":
    "unit/domain/project-workspace.test.ts: it needs a change",
  "POST /api/studio/sessions/{id}/project/update": "convex/session-project-round.test.ts pulls",
  "POST /api/studio/sessions/{id}/project/compare":
    "convex/session-project.test.ts: it needs a revision that has moved",
};
