import { v } from "convex/values";
import { BRANCH_AGENTS } from "#domain/branches.ts";
import { LIMITS } from "#domain/limits.ts";
import { actorMutation } from "./functions.ts";
import { newestPin, pinnedAgentOf } from "./model/agents.ts";
import { branchedEvent, branchTitle, rootOf, shareChain } from "./model/branches.ts";
import { beginRepository, repositoriesOf } from "./model/git.ts";
import { beginSession } from "./model/new-session.ts";
import { fixedOf } from "./model/session-pins.ts";
import { session as sessionValue } from "./model/returns.ts";
import { refuseImported, sessionOf, toSession } from "./model/sessions.ts";
import { keySource } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/**
 * Records a session that branches from another one at an event: with the files and the agent's conversations of that
 * one's last checkpoint at or before it. Who may start sessions may branch each that they can see; nothing of the other
 * one changes. The server says who pays, as for `sandboxSessions.create`.
 * @throws not_found | forbidden | invalid_request | session_stopped | session_limit | unknown_provider | unknown_model
 */
export const create = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: {
    title: LIMITS.title,
    fromSeq: LIMITS.seq,
    budgetCapMicroUsd: LIMITS.budgetCap,
    provider: LIMITS.providerId,
    model: LIMITS.modelId,
    requestedModel: LIMITS.modelId,
    notice: LIMITS.notice,
  },
  args: {
    sessionId: v.string(),
    fromSeq: v.number(),
    provider: v.string(),
    model: v.string(),
    keySource,
    title: v.optional(v.string()),
    agent: v.optional(literals(BRANCH_AGENTS)),
    /** Null for none; without it, the other session's. */
    budgetCapMicroUsd: v.optional(v.nullable(v.number())),
    requestedModel: v.optional(v.string()),
    notice: v.optional(v.string()),
  },
  returns: sessionValue,
  handler: async (
    ctx,
    { sessionId: from, fromSeq, agent = "pinned", title, budgetCapMicroUsd: cap, notice, ...args },
  ) => {
    const parent = await sessionOf(ctx, ctx.caller, from);
    refuseImported(parent);
    const { chain, last } = await rootOf(ctx, parent, fromSeq);
    const capMicroUsd = cap === undefined ? parent.budgetCapMicroUsd : (cap ?? undefined);
    const writer = await beginSession(
      ctx,
      ctx.caller,
      {
        ...args,
        environment: parent.environment,
        title: title ?? branchTitle(parent, LIMITS.title.max),
        ...(capMicroUsd !== undefined && { budgetCapMicroUsd: capMicroUsd }),
        ...(parent.skillsRoots && { skillsRoots: parent.skillsRoots }),
        parentSessionId: parent._id,
        parentTitle: parent.title,
        branchFromSeq: fromSeq,
      },
      {
        notice,
        agent: agent === "newest" ? await newestPin(ctx, parent) : await pinnedAgentOf(ctx, parent._id),
        // What the other one has of a session that it repeats goes with the agent as it was.
        fixed: agent === "newest" ? null : await fixedOf(ctx, parent._id),
        event: branchedEvent(parent, fromSeq, last),
        rows: async (sessionId) => {
          const checkpointId = await shareChain(ctx, sessionId, chain);
          const agentSessionId =
            last?.cause === "start" ? undefined : (last?.agentSessionId ?? parent.agentSessionId);
          if (last && checkpointId)
            await ctx.db.patch(sessionId, {
              checkpointId,
              savedAt: last.startedAt,
              savedBytes: last.workspaceBytes,
              ...(agentSessionId !== undefined && { agentSessionId }),
            });
          for (const row of await repositoriesOf(ctx, parent._id)) {
            const { organizationId, connection, repository, remotePath, folder, base, full, access } = row;
            const one = {
              organizationId,
              connection,
              repository,
              remotePath,
              folder,
              base,
              full,
              ...(access && { access }),
            };
            await beginRepository(ctx, sessionId, one);
          }
        },
      },
    );
    await writer.save();
    return await toSession(ctx, writer.session);
  },
});
