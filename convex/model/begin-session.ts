import { type ObjectType, v } from "convex/values";
import { MAX_SESSION_REPOSITORIES } from "#domain/git.ts";
import { gapText } from "#domain/repeat.ts";
import { LIMITS } from "#domain/limits.ts";
import type { MutationCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { agentOf, pinOf } from "./agents.ts";
import { beginRepository, repositoriesToBegin, wantedLimit, wantedRepository } from "./git.ts";
import { checkGaps, repeated, repeatedLimit, repeatOf } from "./repeat.ts";
import { refuse } from "./refusal.ts";
import { bringRules } from "./run-rules.ts";
import { beginSession } from "./new-session.ts";
import type { SessionWriter } from "./session-writer.ts";
import { mayUse } from "./sessions.ts";
import { checkRoots } from "./skills.ts";
import { environment, keySource } from "./values.ts";

/** What a session begins with, as a server that knows what ways to models there are tells it. */
export const beginning = {
  environment,
  provider: v.string(),
  model: v.string(),
  keySource,
  title: v.string(),
  budgetCapMicroUsd: v.optional(v.number()),
  autoApprove: v.optional(v.boolean()),
  requestedModel: v.optional(v.string()),
  /** What the person should know of the choice, as that a model was replaced. */
  notice: v.optional(v.string()),
  /** What it works on; the server has asked for the commit that it begins from. */
  repository: v.optional(wantedRepository),
  /** Or several, each with its own rights. */
  repositories: v.optional(v.array(wantedRepository)),
  /** What its agent is told to be, as that is now. */
  agentId: v.optional(v.string()),
  /** Folders of its workspace that hold skills; without it the default one, empty for none. */
  skillsRoots: v.optional(v.array(v.string())),
  /** The session that it repeats: with its agent, skills, rules and MCP servers as they were. */
  repeats: v.optional(repeated),
};
export const beginningBounds = {
  title: LIMITS.title,
  budgetCapMicroUsd: LIMITS.budgetCap,
  provider: LIMITS.providerId,
  model: LIMITS.modelId,
  requestedModel: LIMITS.modelId,
  notice: LIMITS.notice,
  repository: wantedLimit,
  skillsRoots: LIMITS.skillRoots,
  repeats: repeatedLimit,
  repositories: { kind: "list", of: wantedLimit, min: 0, max: MAX_SESSION_REPOSITORIES } as const,
};

/**
 * Begins the session that a person asks for, in `provisioning`; the caller saves the writer.
 * @throws unknown_provider | unknown_model | session_limit | forbidden | not_found | invalid_request | repeat_differs
 */
export async function beginAsked(
  ctx: MutationCtx,
  caller: Caller,
  { notice, repository, repositories = [], agentId, repeats, ...fields }: ObjectType<typeof beginning>,
): Promise<SessionWriter> {
  mayUse(caller, fields.environment);
  checkRoots(fields.skillsRoots ?? []);
  const repeat = repeats && (await repeatOf(ctx, caller, repeats));
  if (repeat && repeat.parent.environment !== fields.environment) throw refuse("session_not_found");
  if (repeat) checkGaps(repeat.gaps, repeats.accepted);
  const agent = agentId === undefined ? null : await agentOf(ctx, caller.organizationId, agentId);
  const wanted = [...(repository ? [repository] : []), ...repositories];
  const found = await repositoriesToBegin(ctx, caller.organizationId, wanted);
  return await beginSession(ctx, caller, fields, {
    notice,
    agent: repeat ? repeat.agent : agent && pinOf(agent),
    fixed: repeat?.fixed ?? null,
    repeats: repeat && {
      session_id: repeat.parent._id,
      title: repeat.parent.title,
      differs: repeat.gaps.map(gapText),
    },
    ...(found.length > 0 && { repository: found.map((one) => one.repository).join(", ") }),
    rows: async (sessionId) => {
      for (const one of found) await beginRepository(ctx, sessionId, one);
      if (repeat)
        await bringRules(ctx, caller, sessionId, { wanted: repeat.rules, likeSessionId: repeat.parent._id });
    },
  });
}
