import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { PERSON } from "#domain/event-people.ts";
import { LIMITS } from "#domain/limits.ts";
import { mentionOf } from "#domain/mentions.ts";
import {
  DEFAULT_SKILL_ROOT,
  MAX_SKILL_REVISIONS,
  skillDomain,
  skillMarkdown,
  skillPath,
  WORKSPACE_FOLDER,
} from "#domain/skills.ts";
import { orgMutation, orgQuery, refuse, serviceQuery } from "./functions.ts";
import { pinnedAgentOf } from "./model/agents.ts";
import { fixedSkillsOf, isFixedOut, skillFor } from "./model/session-skills.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf } from "./model/sessions.ts";
import {
  agentHasSkill,
  auditedSkill,
  checkRoots,
  insertSkill,
  mayChange,
  productionOf,
  reviseSkill,
  rootsOf,
  shownSkill,
  skillBounds,
  skillFields,
  skillOf,
  skillsOf,
  skillText,
  toSkill,
  wholeSkill,
} from "./model/skills.ts";
import { fieldsOf, forgetKept } from "./model/skill-texts.ts";

/** The organization's skills, by root and name, without their texts. */
export const list = orgQuery({
  min: "viewer",
  scope: "skills:read",
  bounds: { root: LIMITS.skillRoot },
  args: { paginationOpts: paginationOptsValidator, root: v.optional(v.string()) },
  returns: paginationResultValidator(shownSkill),
  handler: async (ctx, { paginationOpts, root }) => {
    const { organizationId } = ctx.caller;
    const { page, ...rest } = await ctx.db
      .query("skills")
      .withIndex("by_place", (q) => {
        const own = q.eq("organizationId", organizationId);
        return root === undefined ? own : own.eq("root", root);
      })
      .paginate(paginationOpts);
    return { ...rest, page: page.map(toSkill) };
  },
});

/** A skill with its text, or with an earlier one. */
export const get = orgQuery({
  min: "viewer",
  scope: "skills:read",
  bounds: { revision: LIMITS.skillRevision },
  args: { skillId: v.string(), revision: v.optional(v.number()) },
  returns: wholeSkill,
  handler: async (ctx, { skillId, revision }) => {
    const row = await skillOf(ctx, ctx.caller.organizationId, skillId);
    const text = await skillText(ctx, row._id, revision ?? row.revision);
    return { ...toSkill(row), ...fieldsOf(text), revision: text.revision };
  },
});

/** The kept texts of a skill, the present one first. */
export const revisions = orgQuery({
  min: "viewer",
  scope: "skills:read",
  args: { skillId: v.string() },
  returns: v.array(v.object({ revision: v.number(), changedById: v.id("users"), changedAt: v.number() })),
  handler: async (ctx, { skillId }) => {
    const row = await skillOf(ctx, ctx.caller.organizationId, skillId);
    const rows = await ctx.db
      .query("skillTexts")
      .withIndex("by_skill_revision", (q) => q.eq("skillId", row._id))
      .order("desc")
      .take(MAX_SKILL_REVISIONS);
    return rows.map(({ revision, changedById, _creationTime }) => ({
      revision,
      changedById,
      changedAt: Math.floor(_creationTime),
    }));
  },
});

/** @throws invalid_request | already_exists */
export const create = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  bounds: skillBounds,
  args: { root: v.string(), ...skillFields, enabled: v.boolean() },
  returns: shownSkill,
  handler: async (ctx, fields) => {
    const row = await insertSkill(ctx, ctx.caller, fields);
    await ctx.report({ action: "skill.created", target: row.name, after: auditedSkill(row) });
    return toSkill(row);
  },
});

/**
 * Makes a skill in one of a session's roots: the first, where none is named.
 * @throws invalid_request where the session has none; forbidden | already_exists
 */
export const createInSession = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  bounds: skillBounds,
  args: { sessionId: v.string(), root: v.optional(v.string()), ...skillFields },
  returns: shownSkill,
  handler: async (ctx, { sessionId, root: wanted, ...fields }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const roots = rootsOf(session);
    const root = wanted ?? roots[0];
    if (root === undefined || roots.length === 0) throw refuse("skill_no_roots");
    if (!roots.includes(root)) throw refuse("skill_root_not_here", { root });
    const row = await insertSkill(ctx, ctx.caller, { root, ...fields, enabled: true });
    await ctx.report({ action: "skill.created", target: row.name, after: auditedSkill(row) });
    return toSkill(row);
  },
});

/**
 * Changes some of a skill's fields; another text is its next revision.
 * @throws not_found | forbidden | invalid_request | already_exists; file_changed where it is at another revision
 */
export const update = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  bounds: { ...skillBounds, expectedRevision: LIMITS.skillRevision },
  args: {
    skillId: v.string(),
    /** The revision that the change was made on. */
    expectedRevision: v.optional(v.number()),
    enabled: v.optional(v.boolean()),
    name: v.optional(skillFields.name),
    description: v.optional(skillFields.description),
    title: v.optional(skillFields.title),
    envVars: v.optional(skillFields.envVars),
    body: v.optional(skillFields.body),
    extra: v.optional(skillFields.extra),
  },
  returns: shownSkill,
  handler: async (ctx, { skillId, expectedRevision, enabled, ...changes }) => {
    const before = await skillOf(ctx, ctx.caller.organizationId, skillId);
    mayChange(ctx.caller, before);
    if (expectedRevision !== undefined && expectedRevision !== before.revision)
      throw refuse("skill_changed", { revision: before.revision });
    const fields = fieldsOf(await skillText(ctx, before._id, before.revision));
    const wanted = { ...fields, ...changes };
    const isSame = JSON.stringify(wanted) === JSON.stringify(fields);
    let after = isSame ? before : await reviseSkill(ctx, ctx.caller, before, wanted);
    if (enabled !== undefined && enabled !== before.enabled) {
      const updatedAt = Date.now();
      await ctx.db.patch(before._id, { enabled, updatedAt });
      after = { ...after, enabled, updatedAt };
    }
    if (after === before) await ctx.report(null);
    else
      await ctx.report({
        action: "skill.changed",
        target: after.name,
        before: { ...auditedSkill(before), revision: before.revision },
        after: { ...auditedSkill(after), revision: after.revision },
      });
    return toSkill(after);
  },
});

/**
 * Says which of a skill's texts sessions in production have; null takes it from them.
 * @throws not_found | forbidden
 */
export const setProduction = orgMutation({
  min: "admin",
  scope: "skills:write",
  audit: "entry",
  bounds: { revision: LIMITS.skillRevision },
  args: { skillId: v.string(), revision: v.nullable(v.number()) },
  returns: shownSkill,
  handler: async (ctx, { skillId, revision }) => {
    const row = await skillOf(ctx, ctx.caller.organizationId, skillId);
    if (revision !== null) await skillText(ctx, row._id, revision);
    const before = productionOf(row);
    if (before === revision) {
      await ctx.report(null);
      return toSkill(row);
    }
    const after = { ...row, productionRevision: revision, updatedAt: Date.now() };
    await ctx.db.patch(row._id, { productionRevision: revision, updatedAt: after.updatedAt });
    await ctx.report({
      action: "skill.production_set",
      target: row.name,
      before: { revision: before },
      after: { revision },
    });
    return toSkill(after);
  },
});

/** Deletes a skill, with all of its texts. @throws not_found | forbidden */
export const remove = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  args: { skillId: v.string() },
  returns: v.null(),
  handler: async (ctx, { skillId }) => {
    const row = await skillOf(ctx, ctx.caller.organizationId, skillId);
    mayChange(ctx.caller, row);
    const texts = await ctx.db
      .query("skillTexts")
      .withIndex("by_skill_revision", (q) => q.eq("skillId", row._id))
      // The one that production has may be older than those that are kept.
      .take(MAX_SKILL_REVISIONS + 2);
    for (const { _id } of texts) await ctx.db.delete(_id);
    await forgetKept(ctx, row._id);
    // Of more there is nothing to see: an offer of a skill that is gone is passed over.
    const offers = await ctx.db
      .query("skillOffers")
      .withIndex("by_skill", (q) => q.eq("skillId", row._id))
      .take(50);
    for (const { _id } of offers) await ctx.db.delete(_id);
    await ctx.db.delete(row._id);
    await ctx.report({ action: "skill.deleted", target: row.name, before: auditedSkill(row) });
  },
});

/** The folders in which a session has skills, and the skills that are there, each with its mention. */
export const ofSession = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.object({
    roots: v.array(v.string()),
    skills: v.array(shownSkill.extend({ mention: v.string() })),
  }),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const roots = rootsOf(session);
    const slug = (await ctx.db.get(session.organizationId))?.slug ?? "";
    const agent = await pinnedAgentOf(ctx, session._id);
    const fixed = await fixedSkillsOf(ctx, session._id);
    const rows = (await skillsOf(ctx, session.organizationId)).filter(
      (row) =>
        roots.includes(row.root) &&
        agentHasSkill(agent, row.name) &&
        !isFixedOut(fixed, row) &&
        (session.environment !== "production" || productionOf(row) !== null),
    );
    return {
      roots,
      skills: rows.map((row) => ({
        ...toSkill(row),
        mention: mentionOf(slug, skillDomain(row.root), row.name),
      })),
    };
  },
});

/** What a message of a session that begins with the default root can mention. */
export const mentionable = orgQuery({
  min: "viewer",
  scope: "skills:read",
  args: {},
  returns: v.array(v.object({ name: v.string(), description: v.string(), mention: v.string() })),
  handler: async (ctx) => {
    const { organizationId } = ctx.caller;
    const slug = (await ctx.db.get(organizationId))?.slug ?? "";
    const rows = await skillsOf(ctx, organizationId);
    return rows
      .filter(({ root, enabled }) => root === DEFAULT_SKILL_ROOT && enabled)
      .map(({ root, name, description }) => ({
        name,
        description,
        mention: mentionOf(slug, skillDomain(root), name),
      }));
  },
});

/** Chooses the folders in which a session has skills; null for the default one. @throws invalid_request | forbidden */
export const setRoots = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: { roots: LIMITS.skillRoots },
  args: { sessionId: v.string(), roots: v.nullable(v.array(v.string())) },
  returns: v.array(v.string()),
  handler: async (ctx, { sessionId, roots }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    checkRoots(roots ?? []);
    const wanted = [...new Set(roots ?? [DEFAULT_SKILL_ROOT])];
    if (JSON.stringify(wanted) === JSON.stringify(rootsOf(session))) return wanted;
    const writer = await SessionWriter.open(ctx, session);
    writer.patch({ skillsRoots: wanted });
    await writer.append(
      {
        type: "skill.roots_changed",
        source: "ui.user",
        payload: { roots: wanted.map((root) => `${WORKSPACE_FOLDER}/${root}`), changed_by: PERSON },
      },
      { personId: ctx.caller.user._id },
    );
    await writer.save();
    return wanted;
  },
});

/** The folders in which a session has skills, and the files of those, for the server that writes them into its sandbox. */
export const forSandbox = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.object({
    roots: v.array(v.string()),
    files: v.array(
      v.object({ skillId: v.id("skills"), path: v.string(), text: v.string(), hashes: v.array(v.string()) }),
    ),
  }),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) return { roots: [], files: [] };
    const roots = rootsOf(session);
    const agent = await pinnedAgentOf(ctx, sessionId);
    const fixed = await fixedSkillsOf(ctx, sessionId);
    const rows = await skillsOf(ctx, session.organizationId);
    const files = await Promise.all(
      rows
        .filter(({ root, name, enabled }) => enabled && roots.includes(root) && agentHasSkill(agent, name))
        .map(async (row) => {
          const found = await skillFor(ctx, fixed, row, session.environment);
          if (found === null) return [];
          const path = skillPath(row.root, row.name);
          return [
            { skillId: row._id, path, hashes: await found.hashes(), text: skillMarkdown(found.fields) },
          ];
        }),
    );
    return { roots, files: files.flat() };
  },
});
