import { route } from "../../../../../../lib/server/http/route.ts";
import { cancelRun } from "../../../../../../lib/server/sessions/message.ts";

export const POST = route({
  status: 202,
  handle: async ({ caller, params }) => {
    await cancelRun(caller, params.id ?? "");
    return { ok: true };
  },
});
