import { filesQuery, writeFileBody } from "../../../../../../lib/contracts/files.ts";
import { route } from "../../../../../../lib/server/http/route.ts";
import { readWorkspace, writeWorkspace } from "../../../../../../lib/server/sessions/files.ts";

export const GET = route({
  query: filesQuery,
  handle: async ({ caller, params, query }) => await readWorkspace(caller, params.id ?? "", query.path),
});

export const PUT = route({
  body: writeFileBody,
  handle: async ({ caller, params, body }) => await writeWorkspace(caller, params.id ?? "", body),
});
