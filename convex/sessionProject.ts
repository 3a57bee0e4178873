import { v } from "convex/values";
import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { LIMITS } from "#domain/limits.ts";
import { nameText } from "#domain/project/kinds.ts";
import { CHOSEN_LIMIT } from "#domain/project/workspace.ts";
import { orgMutation, orgQuery, serviceMutation, serviceQuery } from "./functions.ts";
import { refuse } from "./model/refusal.ts";
import { auditedChanges } from "./model/project-audit.ts";
import { beginProject, changeProject, headOf } from "./model/project.ts";
import {
  afterPush,
  chosenChanges,
  keepTexts,
  placeOfSession,
  projectOf,
  recordLook,
  recordProblem,
  threeTexts,
} from "./model/session-project.ts";
import { fromSession, mayChangeProject, noteInLog, takeBackPushes } from "./model/session-push.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, mayUse, refuseImported, sessionOf } from "./model/sessions.ts";
import { environment, projectKind } from "./model/values.ts";
import { listedChange, listedFault } from "./tables/session-project.ts";

const PUSHES = 100;
const names = v.array(v.object({ kind: projectKind, slug: v.string() }));
const rows = v.array(v.object({ kind: projectKind, slug: v.string(), file: v.string(), hash: v.string() }));

/** What a session's workspace changes of the project, as of the last look; null before there was one. */
export const get = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { sessionId: v.string() },
  returns: v.nullable(
    v.object({
      environment,
      /** What the workspace is compared with, and what the environment is at. */
      base: v.number(),
      revision: v.number(),
      changes: v.array(
        v.object({
          ...listedChange.fields,
          /** Whether the environment has something else than the base had. */
          moved: v.boolean(),
        }),
      ),
      unlisted: v.number(),
      faults: v.array(listedFault),
      at: v.nullable(v.number()),
      problem: v.nullable(v.string()),
      /** The revision of this session's last push, while nothing has changed since. */
      pushed: v.nullable(v.number()),
    }),
  ),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const row = await projectOf(ctx, session._id);
    if (!row) return null;
    const { revision, entries } = await headOf(ctx, placeOfSession(session));
    const now = new Map(entries.map(({ kind, slug, hash }) => [`${kind}:${slug}`, hash]));
    return {
      environment: session.environment,
      base: row.base,
      revision,
      changes: row.changes.map((change) => ({
        ...change,
        moved: (now.get(`${change.kind}:${change.slug}`) ?? null) !== change.before,
      })),
      unlisted: row.unlisted,
      faults: row.faults,
      at: row.at,
      problem: row.problem,
      pushed: row.pushed && row.pushed.revision === revision ? revision : null,
    };
  },
});

/** How many definitions a session's workspace changes, and how many problems it has: little, to be followed live. */
export const counts = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { sessionId: v.string() },
  returns: v.object({
    changes: v.number(),
    faults: v.number(),
    at: v.nullable(v.number()),
    /** What the environment is at. */
    revision: v.number(),
  }),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const row = await projectOf(ctx, session._id);
    const { revision } = await headOf(ctx, placeOfSession(session));
    return {
      revision,
      changes: (row?.changes.length ?? 0) + (row?.unlisted ?? 0),
      faults: row?.faults.length ?? 0,
      at: row?.at ?? null,
    };
  },
});

/** One changed definition: as the workspace has it, as it was at the base, and as it is now. @throws not_found */
export const definition = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { sessionId: v.string(), kind: projectKind, slug: v.string() },
  returns: v.object({
    file: v.string(),
    base: v.nullable(v.string()),
    workspace: v.nullable(v.string()),
    current: v.nullable(v.string()),
  }),
  handler: async (ctx, { sessionId, kind, slug }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const row = await projectOf(ctx, session._id);
    if (!row) throw refuse("project_changes_unknown");
    return await threeTexts(ctx, session, row, { kind, slug });
  },
});

/** Revisions that were pushed from a session after an event of its log, and stand: a hundred at most, the last first. */
export const pushesAfter = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { seq: LIMITS.seq },
  args: { sessionId: v.string(), seq: v.number() },
  returns: v.array(v.number()),
  handler: async (ctx, { sessionId, seq }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const event = await ctx.db
      .query("sessionEvents")
      .withIndex("by_session_seq", (q) => q.eq("sessionId", session._id).lte("seq", seq))
      .order("desc")
      .first();
    const after = event?._creationTime ?? session._creationTime;
    const pushes = await ctx.db
      .query("projectPushes")
      .withIndex("by_session", (q) => q.eq("sessionId", session._id).gt("at", after))
      .order("desc")
      .take(PUSHES);
    return pushes
      .filter(({ undoes, undoneBy }) => undoes === undefined && undoneBy === undefined)
      .map(({ revision }) => revision);
  },
});

/** A page of the definitions of a session's environment, as JSON texts: what effects are computed from. */
export const definitions = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { sessionId: v.string(), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(v.object({ kind: projectKind, slug: v.string(), text: v.string() })),
  handler: async (ctx, { sessionId, paginationOpts }) => {
    const { organizationId, environment: where } = placeOfSession(
      await sessionOf(ctx, ctx.caller, sessionId),
    );
    const { page, ...rest } = await ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) => q.eq("organizationId", organizationId).eq("environment", where))
      .paginate(paginationOpts);
    return { ...rest, page: page.map(({ kind, slug, definition: text }) => ({ kind, slug, text })) };
  },
});

/** A page of the texts that a session's workspace has changed. */
export const texts = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { sessionId: v.string(), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({ kind: projectKind, slug: v.string(), hash: v.string(), text: v.string() }),
  ),
  handler: async (ctx, { sessionId, paginationOpts }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const { page, ...rest } = await ctx.db
      .query("sessionDefinitions")
      .withIndex("by_hash", (q) => q.eq("sessionId", session._id))
      .paginate(paginationOpts);
    return { ...rest, page: page.map(({ kind, slug, hash, text }) => ({ kind, slug, hash, text })) };
  },
});

/**
 * Makes the environment what a session's workspace is, as far as a person has chosen: all of it or nothing. What is so
 * already is not changed again.
 * @param revision the one that the workspace is compared with, and that the environment still has to be at
 * @param definitions each with the hash that the person saw; null to delete it
 * @param confirm the word "production", where that is changed
 * @throws project_moved | file_changed | invalid_request | too_large | forbidden | not_found
 */
export const push = orgMutation({
  min: "member",
  scope: "project:write",
  audit: "entry",
  bounds: { definitions: CHOSEN_LIMIT },
  args: {
    sessionId: v.string(),
    revision: v.number(),
    definitions: v.array(v.object({ kind: projectKind, slug: v.string(), seen: v.nullable(v.string()) })),
    allowDeletions: v.optional(v.boolean()),
    confirm: v.optional(v.string()),
  },
  returns: v.object({ revision: v.number(), created: names, updated: names, deleted: names }),
  handler: async (ctx, { sessionId, revision, definitions: chosen, allowDeletions, confirm }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    refuseImported(session);
    mayChangeProject(ctx.caller, session, confirm);
    const row = await projectOf(ctx, session._id);
    if (!row) throw refuse("project_changes_unknown");
    const place = placeOfSession(session);
    const head = await beginProject(ctx, place);
    const changes = await chosenChanges(ctx, row, head.entries, chosen);
    const deletions = changes.filter(({ content }) => content === null);
    if (deletions.length > 0 && !allowDeletions)
      throw refuse("project_deletion_unticked", { names: deletions.slice(0, 20).map(nameText) });
    if (changes.length === 0) {
      await ctx.report(null);
      return { revision: head.revision, created: [], updated: [], deleted: [] };
    }
    // A later revision than the one that is compared with would make it the base of a workspace that never had it: what
    // others have changed since would then be shown as changed back by this workspace.
    if (revision !== row.base) throw refuse("project_moved", { base: row.base, revision: head.revision });
    const done = await changeProject(ctx, place, changes, {
      ...fromSession(ctx.caller, session),
      baseRevision: revision,
    });
    await afterPush(ctx, row, changes, done.revision);
    const writer = await SessionWriter.open(ctx, session);
    await noteInLog(writer, ctx.caller, done);
    await writer.save();
    const entry = auditedChanges(place, done);
    await ctx.report(entry && { ...entry, after: { ...entry.after, session: session._id } });
    return done;
  },
});

/**
 * Takes the last push from a session back, whole, as the environment's next change. The workspace keeps what it has, and
 * is compared with that. Again, it does nothing.
 * @throws project_moved where its definitions have changed since | forbidden | not_found | too_large
 */
export const takeBack = orgMutation({
  min: "member",
  scope: "project:write",
  audit: "entry",
  args: { sessionId: v.string(), revision: v.number() },
  returns: v.object({ revision: v.number(), created: names, updated: names, deleted: names }),
  handler: async (ctx, { sessionId, revision }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    refuseImported(session);
    mayUse(ctx.caller, session.environment);
    const row = await projectOf(ctx, session._id);
    if (!row) throw refuse("project_changes_unknown");
    if (row.pushed?.revision !== revision) throw refuse("project_push_not_last");
    const writer = await SessionWriter.open(ctx, session);
    const [done] = await takeBackPushes(ctx, writer, ctx.caller, [revision]);
    await writer.save();
    // Its entry is written where the push is taken back.
    await ctx.report(null);
    return done!;
  },
});

/**
 * Has a session's workspace compared with what its environment is now, once a person has seen what others have changed.
 * What only they have changed then counts as taken back by the workspace, until it is pulled.
 * @param revision the one that was seen; where there is a later one by now, nothing is done
 * @throws project_moved | forbidden | not_found
 */
export const compare = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: { none: "It changes what is compared, and nothing of the project." },
  args: { sessionId: v.string(), revision: v.number() },
  returns: v.null(),
  handler: async (ctx, { sessionId, revision }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const row = await projectOf(ctx, session._id);
    if (!row) throw refuse("project_changes_unknown");
    const head = await headOf(ctx, placeOfSession(session));
    if (head.revision !== revision)
      throw refuse("project_moved", { base: revision, revision: head.revision });
    const now = new Map(head.entries.map(({ kind, slug, hash }) => [`${kind}:${slug}`, hash]));
    const changes = row.changes.map((change) => {
      const before = now.get(`${change.kind}:${change.slug}`) ?? null;
      return { ...change, before };
    });
    await ctx.db.patch(row._id, { base: revision, atLeast: revision, changes });
    return null;
  },
});

/** What a server has to know to look at a session's workspace: which texts it need not be told. */
export const known = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.nullable(v.object({ entries: v.array(v.string()), kept: v.array(v.string()) })),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    if (!session || session.deletedAt !== undefined || session.importedAt !== undefined) return null;
    const [{ entries }, row] = await Promise.all([
      headOf(ctx, placeOfSession(session)),
      projectOf(ctx, sessionId),
    ]);
    return {
      entries: entries.map(({ kind, slug, hash }) => `${kind}:${slug}:${hash}`),
      kept: row?.kept ?? [],
    };
  },
});

/** Keeps texts of a session's workspace, before they are listed. @throws invalid_request */
export const keep = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    texts: v.array(v.object({ kind: projectKind, text: v.string() })),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, texts: told }) => {
    const session = await ctx.db.get(sessionId);
    if (session && session.deletedAt === undefined) await keepTexts(ctx, session, told);
    return null;
  },
});

/** Writes down what a look at a session's workspace found. */
export const record = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    revision: v.nullable(v.number()),
    found: rows,
    faults: v.array(listedFault),
    at: v.number(),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, ...look }) => {
    const session = await ctx.db.get(sessionId);
    if (session && session.deletedAt === undefined) await recordLook(ctx, session, look);
    return null;
  },
});

/** Writes down why a look came to nothing. */
export const failed = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), problem: v.string(), at: v.number() },
  returns: v.null(),
  handler: async (ctx, { sessionId, ...what }) => {
    const session = await ctx.db.get(sessionId);
    if (session && session.deletedAt === undefined) await recordProblem(ctx, session, what);
    return null;
  },
});
