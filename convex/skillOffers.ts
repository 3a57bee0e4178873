import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { faultOf } from "#domain/limits.ts";
import { MAX_SESSION_OFFERS, MAX_SKILL_REVISIONS, skillPath, WORKSPACE_FOLDER } from "#domain/skills.ts";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { type Caller, orgMutation, orgQuery, refuse, serviceMutation } from "./functions.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { auditedSkill, mayChange, reviseSkill, skillBounds, skillFields, skillText } from "./model/skills.ts";

const shown = v.object({
  id: v.id("skillOffers"),
  skillId: v.id("skills"),
  sessionId: v.id("sandboxSessions"),
  name: v.string(),
  path: v.string(),
  /** The one that is there now, which the offered text would follow. */
  revision: v.number(),
  before: v.string(),
  after: v.string(),
  createdAt: v.number(),
});

/** An offer that nobody has decided on yet. @throws not_found */
async function offerOf(
  ctx: MutationCtx,
  caller: Caller,
  rawId: string,
): Promise<{ offer: Doc<"skillOffers">; skill: Doc<"skills"> }> {
  const id = ctx.db.normalizeId("skillOffers", rawId);
  const offer = id && (await ctx.db.get(id));
  if (!offer || offer.organizationId !== caller.organizationId || !offer.open)
    throw refuse("skill_offer_not_found");
  const skill = await ctx.db.get(offer.skillId);
  if (!skill) throw refuse("skill_offer_not_found");
  mayChange(caller, skill);
  return { offer, skill };
}

/**
 * Notes what has become of a skill's file in a session's workspace: a person decides whether the organization's copy is
 * to follow. What is known already, or was dismissed, is not offered again. It comes after a turn, when the server may
 * have let go of the session: it needs no lease, and changes nothing where it comes twice.
 */
export const note = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    skillId: v.id("skills"),
    /** Of the file as it is. */
    sha256: v.string(),
    ...skillFields,
  },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, skillId, sha256, ...fields }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const { organizationId } = writer.session;
    const skill = await ctx.db.get(skillId);
    if (!skill || skill.organizationId !== organizationId || skill.hashes.includes(sha256)) return false;
    // It comes from a sandbox.
    for (const [name, value] of Object.entries(fields))
      if (faultOf(skillBounds[name], value, name) !== null) return false;
    const known = await ctx.db
      .query("skillOffers")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(MAX_SESSION_OFFERS);
    if (known.some((offer) => offer.skillId === skillId && offer.sha256 === sha256)) return false;
    const earlier = known.find((offer) => offer.skillId === skillId);
    if (!earlier && known.length >= MAX_SESSION_OFFERS) return false;
    // Another name would be another skill.
    const offered = { ...fields, name: skill.name, sha256, open: true };
    if (earlier) await ctx.db.patch(earlier._id, offered);
    else await ctx.db.insert("skillOffers", { organizationId, sessionId, skillId, ...offered });
    await writer.append({
      type: "skill.offered",
      source: "studio.skills",
      payload: {
        skill_id: skillId,
        skill_name: skill.name,
        path: `${WORKSPACE_FOLDER}/${skillPath(skill.root, skill.name)}`,
      },
    });
    await writer.save();
    return true;
  },
});

/** Changes that agents have made to skills, and nobody has decided on yet, newest first. */
export const list = orgQuery({
  min: "viewer",
  scope: "skills:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(shown),
  handler: async (ctx, { paginationOpts }) => {
    const { organizationId } = ctx.caller;
    const { page, ...rest } = await ctx.db
      .query("skillOffers")
      .withIndex("by_organization", (q) => q.eq("organizationId", organizationId).eq("open", true))
      .order("desc")
      .paginate(paginationOpts);
    const rows = await Promise.all(
      page.map(async (offer) => {
        const skill = await ctx.db.get(offer.skillId);
        if (!skill) return [];
        const { body } = await skillText(ctx, skill._id, skill.revision);
        return [
          {
            id: offer._id,
            skillId: skill._id,
            sessionId: offer.sessionId,
            name: skill.name,
            path: skillPath(skill.root, skill.name),
            revision: skill.revision,
            before: body,
            after: offer.body,
            createdAt: Math.floor(offer._creationTime),
          },
        ];
      }),
    );
    return { ...rest, page: rows.flat() };
  },
});

/** Gives the organization's skill the text that an agent has written, as its next revision. @throws not_found | forbidden */
export const take = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  args: { offerId: v.string() },
  returns: v.null(),
  handler: async (ctx, { offerId }) => {
    const { offer, skill } = await offerOf(ctx, ctx.caller, offerId);
    const { name, description, title, envVars, body, extra } = offer;
    const after = await reviseSkill(ctx, ctx.caller, skill, {
      name,
      description,
      title,
      envVars,
      body,
      extra,
    });
    // The file in the workspace is known from now on, and follows later changes again.
    const hashes = [...after.hashes.slice(0, -1), offer.sha256, ...after.hashes.slice(-1)];
    await ctx.db.patch(skill._id, { hashes: hashes.slice(-MAX_SKILL_REVISIONS) });
    await ctx.db.delete(offer._id);
    await ctx.report({
      action: "skill.changed",
      target: skill.name,
      before: { ...auditedSkill(skill), revision: skill.revision },
      after: { ...auditedSkill(after), revision: after.revision, session: offer.sessionId },
    });
  },
});

/** Leaves the organization's skill as it is; the same text is not offered again. @throws not_found | forbidden */
export const dismiss = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  args: { offerId: v.string() },
  returns: v.null(),
  handler: async (ctx, { offerId }) => {
    const { offer, skill } = await offerOf(ctx, ctx.caller, offerId);
    await ctx.db.patch(offer._id, { open: false });
    await ctx.report({
      action: "skill.offer_dismissed",
      target: skill.name,
      after: { session: offer.sessionId },
    });
  },
});
