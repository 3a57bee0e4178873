import { previewBody } from "../../../../../../lib/contracts/preview.ts";
import { route } from "../../../../../../lib/server/http/route.ts";
import { openPreview } from "../../../../../../lib/server/sessions/preview.ts";

export const POST = route({
  body: previewBody,
  handle: async ({ caller, params, body }) => await openPreview(caller, params.id ?? "", body),
});
