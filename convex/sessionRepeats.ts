import { v } from "convex/values";
import { TEMPLATE_LIMIT } from "#domain/repeat.ts";
import { actorQuery } from "./functions.ts";
import { repositoriesOf } from "./model/git.ts";
import { gap, repeatOf } from "./model/repeat.ts";
import { runOf } from "./model/sessions.ts";
import { wantedRepository } from "./model/git.ts";
import { refuse } from "./model/refusal.ts";
import { session as sessionValue } from "./model/returns.ts";
import { toSession } from "./model/sessions.ts";

/**
 * A session that somebody wants to repeat, with the commits of its repositories, the input of one of its runs where that
 * is named, and what can't be had as it was.
 * @throws not_found
 */
export const plan = actorQuery({
  min: "member",
  scope: "sessions:write",
  bounds: { template: TEMPLATE_LIMIT },
  args: {
    sessionId: v.string(),
    runId: v.optional(v.string()),
    /** What sandboxes are made of now. */
    template: v.string(),
  },
  returns: v.object({
    session: sessionValue,
    skillsRoots: v.optional(v.array(v.string())),
    repositories: v.array(wantedRepository.extend({ repository: v.string() })),
    input: v.nullable(v.string()),
    gaps: v.array(gap),
  }),
  handler: async (ctx, { sessionId, runId, template }) => {
    const { parent, gaps } = await repeatOf(ctx, ctx.caller, { sessionId, template });
    const run = runId === undefined ? null : await runOf(ctx, ctx.caller, runId);
    if (run && run.sessionId !== parent._id) throw refuse("run_not_found");
    return {
      session: await toSession(ctx, parent),
      ...(parent.skillsRoots && { skillsRoots: parent.skillsRoots }),
      repositories: (await repositoriesOf(ctx, parent._id)).map(
        ({ connection, repository, remotePath, base, full, access }) => ({
          connection,
          repository,
          url: remotePath,
          base,
          full,
          ...(access && { access }),
        }),
      ),
      input: run?.input ?? null,
      gaps,
    };
  },
});
