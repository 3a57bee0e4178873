import type { EventDraft } from "#domain/events.ts";
import { utf8Bytes } from "#domain/limits.ts";
import { distinctMentions, MAX_MENTIONS, type Mention } from "#domain/mentions.ts";
import {
  DEFAULT_SKILL_ROOT,
  type EnvVarPolicy,
  injectedSkill,
  MAX_INJECTED_BYTES,
  skillDomain,
  type SkillFailure,
  skillPath,
  WORKSPACE_FOLDER,
} from "#domain/skills.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { pinnedAgentOf } from "./agents.ts";
import { fixedSkillsOf, isFixedOut, skillFor } from "./session-skills.ts";
import type { SessionWriter } from "./session-writer.ts";
import { settingsOf } from "./settings.ts";
import { agentHasSkill, rootsOf, skillAt } from "./skills.ts";
import { variablesOf } from "./variables.ts";

const SOURCE = "studio.skills";
/** The namespace of the guide's skills, whatever the organization is called. */
const ALIAS = "web:mvp";

/** What comes of the skills that a message names. */
export interface PromptSkills {
  /** Their texts for the agent, in the order in which they are named. */
  texts: string[];
  events: EventDraft[];
  /** Why the run can't go on. */
  failure: { error: string; errorKind: string; details: Record<string, unknown> } | null;
}

/** The session's root that a namespace stands for; undefined for none. */
function rootFor(namespace: string, slug: string, roots: readonly string[]): string | undefined {
  const [account, domain, ...rest] = namespace.split(":");
  const own =
    account === slug && rest.length === 0 ? roots.find((root) => skillDomain(root) === domain) : undefined;
  return own ?? (namespace === ALIAS ? roots.find((root) => root === DEFAULT_SKILL_ROOT) : undefined);
}

/** Names of the variables that the session's agent has, beside those of every sandbox. */
async function variableNames(
  ctx: MutationCtx,
  session: Doc<"sandboxSessions">,
): Promise<ReadonlySet<string>> {
  const kept = await ctx.db
    .query("sessionVariables")
    .withIndex("by_session", (q) => q.eq("sessionId", session._id))
    .unique();
  if (!kept) return new Set();
  if (kept.names) return new Set(kept.names);
  // It began before names were noted.
  const now = await variablesOf(ctx, session.organizationId, session.environment);
  return new Set(now.filter(({ reach }) => reach === "agent").map(({ name }) => name));
}

const list = (names: readonly string[]) => names.join(", ");

const WHY: Record<Exclude<SkillFailure, "missing_env_var">, (mention: Mention) => string> = {
  unknown_namespace: ({ namespace }) => `This session has no skills under “${namespace}”.`,
  unknown_skill: ({ namespace, name }) => `There's no skill “${name}” under “${namespace}”.`,
  not_for_agent: ({ name }) =>
    `This session's agent doesn't have the skill “${name}”. Settings, Agents has which ones it gets.`,
  disabled: ({ name }) => `The skill “${name}” is turned off.`,
  not_in_production: ({ name }) =>
    `No admin has approved the skill “${name}” for production yet. Settings, Skills has it.`,
  not_repeated: ({ name }) =>
    `This session has the skills of the one that it repeats, and the skill “${name}” as it is now isn't one of them.`,
  too_large: ({ name }) => `“${name}” was left out: the message's skills are too long together.`,
  too_many: ({ name }) => `“${name}” was left out: a message can name ${MAX_MENTIONS} skills.`,
};

/**
 * Looks up the skills that a run's message names. What can't go in is said, and the others still go in; a variable that
 * is missing ends the run where the organization has it so.
 */
export async function promptSkills(writer: SessionWriter, run: Doc<"runs">): Promise<PromptSkills> {
  const found: PromptSkills = { texts: [], events: [], failure: null };
  const mentions = distinctMentions(run.input);
  if (mentions.length === 0) return found;
  const { ctx, session } = writer;
  const slug = (await ctx.db.get(session.organizationId))?.slug ?? "";
  const roots = rootsOf(session);
  const names = await variableNames(ctx, session);
  const { env_var_missing_policy: policy } = await settingsOf(ctx, session.organizationId);
  const agent = await pinnedAgentOf(ctx, session._id);
  const fixed = await fixedSkillsOf(ctx, session._id);
  let left = MAX_INJECTED_BYTES;
  const seen = new Set<string>();
  for (const [index, mention] of mentions.entries()) {
    const said = { skill_name: mention.name, namespace: mention.namespace, mention: mention.text };
    const fail = (reason: Exclude<SkillFailure, "missing_env_var">) =>
      void found.events.push({
        type: "skill.failed",
        source: SOURCE,
        runId: run._id,
        payload: { ...said, reason, message: WHY[reason](mention) },
      });
    if (index >= MAX_MENTIONS) {
      fail("too_many");
      continue;
    }
    const root = rootFor(mention.namespace, slug, roots);
    if (root === undefined) {
      fail("unknown_namespace");
      continue;
    }
    const skill = await skillAt(ctx, session.organizationId, { root, name: mention.name });
    if (!skill || !skill.enabled) {
      fail(skill ? "disabled" : "unknown_skill");
      continue;
    }
    if (!agentHasSkill(agent, skill.name)) {
      fail("not_for_agent");
      continue;
    }
    const has = isFixedOut(fixed, skill) ? null : await skillFor(ctx, fixed, skill, session.environment);
    if (has === null) {
      fail(fixed ? "not_repeated" : "not_in_production");
      continue;
    }
    const { fields, revision } = has;
    // Named a second time, by the alias.
    if (seen.has(skill._id)) continue;
    seen.add(skill._id);
    const path = `${WORKSPACE_FOLDER}/${skillPath(root, skill.name)}`;
    const missing = fields.envVars.filter((name) => !names.has(name));
    if (missing.length > 0) {
      missingVariable(found, run, { said, path, missing, policy });
      continue;
    }
    const text = injectedSkill({
      name: skill.name,
      body: fields.body,
      folder: path.slice(0, path.lastIndexOf("/")),
    });
    const bytes = utf8Bytes(text);
    if (bytes > left) {
      fail("too_large");
      continue;
    }
    left -= bytes;
    found.texts.push(text);
    found.events.push({
      type: "skill.injected",
      source: SOURCE,
      runId: run._id,
      payload: { ...said, skill_id: skill._id, revision, path, bytes },
    });
  }
  return found;
}

interface Missing {
  said: { skill_name: string; namespace: string; mention: string };
  path: string;
  missing: string[];
  policy: EnvVarPolicy;
}

/** Says which variables a skill lacks, and what follows. */
function missingVariable(
  found: PromptSkills,
  run: Doc<"runs">,
  { said, path, missing, policy }: Missing,
): void {
  const one = missing.length === 1;
  const lacks = `The skill “${said.skill_name}” needs ${list(missing)}, which this session's sandbox doesn't have.`;
  const next = `Add ${one ? "it" : "them"} in Settings, Variables, for the agent, and start a new session.`;
  found.events.push({
    type: "skill.failed",
    source: SOURCE,
    runId: run._id,
    payload: {
      ...said,
      reason: "missing_env_var",
      message: policy === "skip_skill" ? `${lacks} It was left out. ${next}` : `${lacks} ${next}`,
      missing_env_vars: missing,
      policy,
    },
  });
  if (policy === "skip_skill") return;
  found.failure ??= {
    error: `${lacks} ${next}`,
    errorKind: "missing_env_var",
    details: { missing_env_vars: missing, skill_name: said.skill_name, skill_path: path, policy },
  };
}
