import { httpRouter } from "convex/server";
import { internal } from "./_generated/api";
import { publicHttp } from "./functions.ts";
import { byPlural, json, ofKey, readProject, withKey } from "./model/sync-http.ts";
import { push } from "./model/sync-push.ts";

const http = httpRouter();

/** Every definition of the project in the key's environment. The key alone says which organization that is. */
http.route({
  path: "/v1/sync/pull",
  method: "POST",
  handler: publicHttp(
    withKey(async (ctx, { keyHash }) => {
      const { organization, environment } = ofKey(
        await ctx.runQuery(internal.sync.organization, { keyHash }),
      );
      const { revision, texts } = await readProject(ctx, keyHash);
      return json(200, { organization, environment, revision, ...byPlural((kind) => texts[kind]) });
    }),
  ),
});

/** What the environment has, by name and hash: what a look at the difference needs, and a small answer. */
http.route({
  path: "/v1/sync/state",
  method: "POST",
  handler: publicHttp(
    withKey(async (ctx, { keyHash }) => {
      const [access, state] = await Promise.all([
        ctx.runQuery(internal.sync.organization, { keyHash }),
        ctx.runQuery(internal.sync.state, { keyHash }),
      ]);
      const { organization, environment, role, readOnly } = ofKey(access);
      return json(200, { organization, environment, role, read_only: readOnly, ...ofKey(state) });
    }),
  ),
});

/** Changes the environment, all or nothing, against the revision that was pulled. */
http.route({ path: "/v1/sync", method: "POST", handler: publicHttp(withKey(push)) });

/** Ends the key of a login. */
http.route({
  path: "/v1/logout",
  method: "POST",
  handler: publicHttp(
    withKey(async (ctx, { keyHash, via }) =>
      json(200, ofKey(await ctx.runMutation(internal.sync.logout, { keyHash, via }))),
    ),
  ),
});

export default http;
