import { exportAccount } from "../../../../../lib/server/account/export.ts";
import { route } from "../../../../../lib/server/http/route.ts";

export const GET = route({
  handle: async ({ caller }) =>
    Response.json(await exportAccount(caller), {
      headers: {
        "content-disposition": 'attachment; filename="studio-account.json"',
        "cache-control": "no-store",
      },
    }),
});
