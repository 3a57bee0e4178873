import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { type ObjectType, v } from "convex/values";
import { faultOf } from "#domain/limits.ts";
import { MAX_SESSION_OFFERS, MAX_SKILL_REVISIONS, skillPath, WORKSPACE_FOLDER } from "#domain/skills.ts";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { type Caller, orgMutation, orgQuery, refuse, serviceMutation } from "./functions.ts";
import { SessionWriter } from "./model/session-writer.ts";
import {
  auditedSkill,
  insertSkill,
  mayChange,
  reviseSkill,
  rootsOf,
  skillAt,
  skillBounds,
  skillFields,
  skillText,
} from "./model/skills.ts";

const shown = v.object({
  id: v.id("skillOffers"),
  /** Null for a skill that isn't the organization's yet. */
  skillId: v.nullable(v.id("skills")),
  sessionId: v.id("sandboxSessions"),
  name: v.string(),
  path: v.string(),
  /** The one that is there now, which the offered text would follow; 0 where none is. */
  revision: v.number(),
  before: v.string(),
  after: v.string(),
  createdAt: v.number(),
});

/** The skill that an offer is for, as there is one now; null for a new one, undefined where its skill is gone. */
async function skillFor(
  ctx: QueryCtx | MutationCtx,
  { organizationId, skillId, root, name }: Doc<"skillOffers">,
): Promise<Doc<"skills"> | null | undefined> {
  if (skillId) return (await ctx.db.get(skillId)) ?? undefined;
  return root === undefined ? undefined : await skillAt(ctx, organizationId, { root, name });
}

/** An offer that nobody has decided on yet, and the skill that there is of it. @throws not_found | forbidden */
async function offerOf(
  ctx: MutationCtx,
  caller: Caller,
  rawId: string,
): Promise<{ offer: Doc<"skillOffers">; skill: Doc<"skills"> | null }> {
  const id = ctx.db.normalizeId("skillOffers", rawId);
  const offer = id && (await ctx.db.get(id));
  if (!offer || offer.organizationId !== caller.organizationId || !offer.open)
    throw refuse("skill_offer_not_found");
  const skill = await skillFor(ctx, offer);
  if (skill === undefined) throw refuse("skill_offer_not_found");
  if (skill) mayChange(caller, skill);
  return { offer, skill };
}

const at = { sessionId: v.id("sandboxSessions") };
const told = {
  /** Of the file as it is. */
  sha256: v.string(),
  ...skillFields,
};
type Told = ObjectType<typeof told>;

/** Whether what comes from a sandbox can be a skill. */
const fits = (fields: Omit<Told, "sha256">): boolean =>
  Object.entries(fields).every(([name, value]) => faultOf(skillBounds[name], value, name) === null);

/** Stores what a file has become, in place of what it was before in the same session, and says so in its log. */
async function offer(
  ctx: MutationCtx,
  writer: SessionWriter,
  place: { skillId: Id<"skills"> } | { root: string },
  { sha256, ...fields }: Told,
  path: string,
): Promise<boolean> {
  const { organizationId, _id: sessionId, deletedAt } = writer.session;
  if (deletedAt !== undefined) return false;
  const known = await ctx.db
    .query("skillOffers")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .take(MAX_SESSION_OFFERS);
  const earlier = known.find((one) =>
    "skillId" in place
      ? one.skillId === place.skillId
      : one.root === place.root && one.name === fields.name && one.skillId === undefined,
  );
  if (earlier?.sha256 === sha256) return false;
  if (!earlier && known.length >= MAX_SESSION_OFFERS) return false;
  const offered = { ...fields, sha256, open: true };
  if (earlier) await ctx.db.patch(earlier._id, offered);
  else await ctx.db.insert("skillOffers", { organizationId, sessionId, ...place, ...offered });
  await writer.append({
    type: "skill.offered",
    source: "studio.skills",
    payload: { ...("skillId" in place && { skill_id: place.skillId }), skill_name: fields.name, path },
  });
  await writer.save();
  return true;
}

/**
 * Notes what has become of a skill's file in a session's workspace: a person decides whether the organization's copy is
 * to follow. What is known already, or was dismissed, is not offered again. It comes after a turn, when the server may
 * have let go of the session: it needs no lease, and changes nothing where it comes twice.
 */
export const note = serviceMutation({
  args: { ...at, skillId: v.id("skills"), ...told },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, skillId, ...fields }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const skill = await ctx.db.get(skillId);
    if (!skill || skill.organizationId !== writer.session.organizationId) return false;
    if (skill.hashes.includes(fields.sha256)) return false;
    const { sha256: _, ...rest } = fields;
    if (!fits(rest)) return false;
    // Another name would be another skill.
    const { root, name } = skill;
    return await offer(ctx, writer, { skillId }, { ...fields, name }, pathOf(root, name));
  },
});

/**
 * Notes a skill that an agent has made by itself in one of its session's roots: a person decides whether it becomes one
 * of the organization's. A file of which another session has told already is not offered again.
 */
export const noteNew = serviceMutation({
  args: { ...at, root: v.string(), ...told },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, root, ...fields }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const { organizationId } = writer.session;
    const { sha256, ...rest } = fields;
    if (!rootsOf(writer.session).includes(root) || !fits(rest)) return false;
    // One that is switched off has no file of Studio's in the workspace.
    if (await skillAt(ctx, organizationId, { root, name: fields.name })) return false;
    const told = await ctx.db
      .query("skillOffers")
      .withIndex("by_place", (q) =>
        q.eq("organizationId", organizationId).eq("root", root).eq("name", fields.name),
      )
      .take(MAX_SESSION_OFFERS);
    if (told.some((one) => one.sha256 === sha256)) return false;
    return await offer(ctx, writer, { root }, fields, pathOf(root, fields.name));
  },
});

const pathOf = (root: string, name: string): string => `${WORKSPACE_FOLDER}/${skillPath(root, name)}`;

/** What agents have made of skills, and nobody has decided on yet, newest first. */
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
      page.map(async (row) => {
        const skill = await skillFor(ctx, row);
        if (skill === undefined) return [];
        const before = skill ? (await skillText(ctx, skill._id, skill.revision)).body : "";
        return [
          {
            id: row._id,
            skillId: skill?._id ?? null,
            sessionId: row.sessionId,
            name: skill?.name ?? row.name,
            path: skillPath(skill?.root ?? row.root ?? "", skill?.name ?? row.name),
            revision: skill?.revision ?? 0,
            before,
            after: row.body,
            createdAt: Math.floor(row._creationTime),
          },
        ];
      }),
    );
    return { ...rest, page: rows.flat() };
  },
});

/**
 * Gives the organization's skill the text that an agent has written, as its next revision; or makes the skill.
 * @throws not_found | forbidden | invalid_request
 */
export const take = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  args: { offerId: v.string() },
  returns: v.null(),
  handler: async (ctx, { offerId }) => {
    const { offer: taken, skill } = await offerOf(ctx, ctx.caller, offerId);
    const { name, description, title, envVars, body, extra, root = "" } = taken;
    const fields = { name, description, title, envVars, body, extra };
    const after = skill
      ? await reviseSkill(ctx, ctx.caller, skill, fields)
      : await insertSkill(ctx, ctx.caller, { root, enabled: true, ...fields });
    // The file in the workspace is known from now on, and follows later changes again.
    const hashes = [...after.hashes.slice(0, -1), taken.sha256, ...after.hashes.slice(-1)];
    await ctx.db.patch(after._id, { hashes: hashes.slice(-MAX_SKILL_REVISIONS) });
    await ctx.db.delete(taken._id);
    const now = { ...auditedSkill(after), revision: after.revision, session: taken.sessionId };
    await ctx.report(
      skill
        ? {
            action: "skill.changed",
            target: skill.name,
            before: { ...auditedSkill(skill), revision: skill.revision },
            after: now,
          }
        : { action: "skill.created", target: after.name, after: now },
    );
  },
});

/** Leaves the organization's skills as they are; the same text is not offered again. @throws not_found | forbidden */
export const dismiss = orgMutation({
  min: "member",
  scope: "skills:write",
  audit: "entry",
  args: { offerId: v.string() },
  returns: v.null(),
  handler: async (ctx, { offerId }) => {
    const { offer: left, skill } = await offerOf(ctx, ctx.caller, offerId);
    await ctx.db.patch(left._id, { open: false });
    await ctx.report({
      action: "skill.offer_dismissed",
      target: skill?.name ?? left.name,
      after: { session: left.sessionId },
    });
  },
});
