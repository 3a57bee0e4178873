import { v } from "convex/values";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import {
  isReservedVariable,
  MAX_PLACE_BYTES,
  MAX_VARIABLES,
  SEAL_BYTES,
  type VariablePlace,
} from "#domain/variables.ts";
import {
  actorMutation,
  actorQuery,
  orgMutation,
  orgQuery,
  refuse,
  serviceMutation,
  serviceQuery,
} from "./functions.ts";
import { pinnedAgentOf } from "./model/agents.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { checkLease } from "./model/leases.ts";
import { beforeSealing, readyToSeal, takeSealed } from "./model/secrets.ts";
import { streamOf } from "./model/sessions.ts";
import { variablesIn, variablesOf } from "./model/variables.ts";
import { environment, variableFields } from "./model/values.ts";

const place = { name: v.string(), environment: v.nullable(environment) };
const shownVariable = v.object({ ...variableFields, updatedAt: v.number() });

async function variableOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  at: { name: string; environment: VariablePlace },
): Promise<Doc<"variables"> | null> {
  return await ctx.db
    .query("variables")
    .withIndex("by_place", (q) =>
      q.eq("organizationId", organizationId).eq("environment", at.environment).eq("name", at.name),
    )
    .unique();
}

/** Of all values of one place, sealed: base64 of each with what sealing adds to it. */
const MAX_PLACE_CHARS = Math.ceil(((MAX_PLACE_BYTES + MAX_VARIABLES * SEAL_BYTES) * 4) / 3);
const PLACES: readonly VariablePlace[] = [null, ...ENVIRONMENTS];

const shown = ({ name, environment, description, reach, updatedAt }: Doc<"variables">) => ({
  name,
  environment,
  description,
  reach,
  updatedAt,
});

/** What the audit log keeps: nothing of the value. */
const audited = ({ description, reach }: Pick<Doc<"variables">, "description" | "reach">) => ({
  description,
  reach,
});
const targetOf = (at: { name: string; environment: VariablePlace }) =>
  at.environment === null ? at.name : `${at.name} (${at.environment})`;

/** The organization's variables, for all environments first, by name; never their values. */
export const list = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.array(shownVariable),
  handler: async (ctx) => {
    const places = await Promise.all(
      PLACES.map(async (at) => await variablesIn(ctx, ctx.caller.organizationId, at)),
    );
    return places.flat().map(shown);
  },
});

/** What the server needs before it can encrypt: the organization's wrapped data key, and the next version. */
export const forSaving = actorQuery({
  min: "admin",
  scope: "settings:write",
  bounds: { name: LIMITS.variableName },
  args: place,
  returns: v.object(beforeSealing),
  handler: async (ctx, at) => {
    const { organizationId } = ctx.caller;
    return await readyToSeal(ctx, organizationId, await variableOf(ctx, organizationId, at));
  },
});

/**
 * Stores a variable in place of the one before; without a sealed value that one's stays.
 * @throws invalid_request where the name is taken by the system, where there are too many, or where another save came
 * between: nothing was stored, try again
 */
export const save = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: {
    name: LIMITS.variableName,
    description: LIMITS.variableDescription,
    sealed: { kind: "fields", fields: { ciphertext: LIMITS.sealedVariable, version: LIMITS.keyVersion } },
    dataKey: LIMITS.wrappedKey,
  },
  args: {
    ...variableFields,
    sealed: v.optional(v.object({ ciphertext: v.string(), version: v.number() })),
    /** The organization's new data key, where it had none. */
    dataKey: v.optional(dataKey),
  },
  returns: shownVariable,
  handler: async (ctx, { sealed, dataKey, ...fields }) => {
    const { organizationId } = ctx.caller;
    if (isReservedVariable(fields.name)) throw refuse("variable_reserved", { name: fields.name });
    const known = await variableOf(ctx, organizationId, fields);
    const value = sealed ?? known;
    if (!value) throw refuse("variable_without_value");
    if (sealed)
      await takeSealed(ctx, organizationId, known, { version: sealed.version, dataKey }, "variable_race");
    const { ciphertext, version } = value;
    const row = { ...fields, ciphertext, version, organizationId, updatedAt: Date.now() };
    const others = (await variablesIn(ctx, organizationId, fields.environment)).filter(
      ({ _id }) => _id !== known?._id,
    );
    if (others.length >= MAX_VARIABLES) throw refuse("variable_limit", { limit: MAX_VARIABLES });
    if ([...others, row].reduce((sum, one) => sum + one.ciphertext.length, 0) > MAX_PLACE_CHARS)
      throw refuse("variables_too_large", { maxBytes: MAX_PLACE_BYTES });
    if (known) await ctx.db.replace(known._id, row);
    else await ctx.db.insert("variables", row);
    await ctx.report({
      action: known ? "variable.changed" : "variable.added",
      target: targetOf(fields),
      ...(known && { before: audited(known) }),
      after: { ...audited(fields), ...(known && { new_value: sealed !== undefined }) },
    });
    return { ...fields, updatedAt: row.updatedAt };
  },
});

/** Removes a variable; sessions that have begun with it keep it. @throws not_found */
export const remove = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: { name: LIMITS.variableName },
  args: place,
  returns: v.null(),
  handler: async (ctx, at) => {
    const row = await variableOf(ctx, ctx.caller.organizationId, at);
    if (!row) throw refuse("variable_not_found", { name: at.name });
    await ctx.db.delete(row._id);
    await ctx.report({ action: "variable.removed", target: targetOf(at), before: audited(row) });
  },
});

/** The variables with which a session of an organization begins, as its agent gets them, for the server that makes its sandbox. */
export const forSession = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.object({
    dataKey: v.nullable(dataKey),
    variables: v.array(v.object({ ...variableFields, ciphertext: v.string(), version: v.number() })),
  }),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) return { dataKey: null, variables: [] };
    const { organizationId } = session;
    const names = (await pinnedAgentOf(ctx, sessionId))?.variables ?? null;
    const all = await variablesOf(ctx, organizationId, session.environment);
    return {
      dataKey: await dataKeyOf(ctx, organizationId),
      // A set-up script is the project's, whatever the agent gets.
      variables: all.filter(({ name, reach }) => names === null || reach === "setup" || names.includes(name)),
    };
  },
});

/**
 * Keeps what a session begins with, encrypted as a whole, until it ends: what the organization changes later is not what
 * is in this sandbox.
 * @throws invalid_request where the data key was replaced meanwhile: nothing was kept, try again
 */
export const keep = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    ciphertext: v.string(),
    /** The data key, as it was read. */
    wrapped: v.string(),
    /** Names of those that the agent has. */
    names: v.optional(v.array(v.string())),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, ciphertext, wrapped, names }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) return;
    checkLease(await streamOf(ctx, sessionId), generation);
    const { organizationId } = session;
    if ((await dataKeyOf(ctx, organizationId))?.wrapped !== wrapped) throw refuse("variable_race");
    const known = await ctx.db
      .query("sessionVariables")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .unique();
    if (known) await ctx.db.patch(known._id, { ciphertext, names });
    else await ctx.db.insert("sessionVariables", { organizationId, sessionId, ciphertext, names });
  },
});

/** What a session began with, for a server that hides it or opens a terminal; null where there is nothing. */
export const kept = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.nullable(v.object({ organizationId: v.id("organizations"), ciphertext: v.string(), dataKey })),
  handler: async (ctx, { sessionId }) => {
    const row = await ctx.db
      .query("sessionVariables")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .unique();
    if (!row) return null;
    const { organizationId, ciphertext } = row;
    const dataKey = await dataKeyOf(ctx, organizationId);
    return dataKey && { organizationId, ciphertext, dataKey };
  },
});
