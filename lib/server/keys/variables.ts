import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { putVariableBody, Variable, variableQuery } from "#contracts/variables.ts";
import {
  isReservedVariable,
  VARIABLE_REACHES,
  type VariablePlace,
  type VariableReach,
} from "#domain/variables.ts";
import { Masker } from "#domain/mask.ts";
import type { Principal } from "#domain/principal.ts";
import { retry } from "#net/retry.ts";
import { cached, cacheOf } from "../cache.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { refuse } from "../http/refuse.ts";
import { serverSecrets } from "../mcp/session.ts";
import { open, seal, type SecretPlace, type WrappedKey } from "./envelope.ts";
import { dataKeyFor, openDataKey, opened } from "./own-key.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.variables.list>[number];

/** What a sandbox finds in its environment. */
export interface SessionVariable {
  name: string;
  value: string;
  reach: VariableReach;
}

const show = ({ updatedAt, ...row }: Row): Variable => ({
  ...row,
  updated_at: new Date(updatedAt).toISOString(),
});

const placeOf = (
  organizationId: string,
  at: { name: string; environment: VariablePlace },
  version: number,
): SecretPlace => ({ organizationId, name: `variable:${at.environment ?? "*"}:${at.name}`, version });

/** The organization's variables, without their values. */
export async function listVariables(caller: Caller): Promise<Variable[]> {
  return (await dataFor(caller).query(api.variables.list, {})).map(show);
}

/**
 * Encrypts a variable's value, and stores it in place of the one before.
 * @throws HttpError invalid_request | forbidden | key_unreadable
 */
export async function saveVariable(
  caller: Caller,
  name: string,
  { value, ...fields }: z.output<typeof putVariableBody>,
): Promise<Variable> {
  if (isReservedVariable(name)) throw refuse("variable_reserved", { name });
  if (value?.includes("\0")) throw refuse("variable_with_nul");
  const data = serviceData();
  const actor = actorOf(caller);
  const at = { name, environment: fields.environment };
  const { organizationId, nextVersion, dataKey } = await data.query(api.variables.forSaving, {
    actor,
    ...at,
  });
  if (value === undefined) return show(await data.mutation(api.variables.save, { actor, name, ...fields }));
  const { key, made } = dataKeyFor(organizationId, dataKey, "variables_unreadable");
  const ciphertext = seal(key, placeOf(organizationId, at, nextVersion), value);
  const saved = await data.mutation(api.variables.save, {
    actor,
    name,
    ...fields,
    sealed: { ciphertext, version: nextVersion },
    ...(made && { dataKey: made }),
  });
  return show(saved);
}

/** Removes a variable. Sessions that have begun with it keep it. @throws HttpError not_found */
export async function removeVariable(
  caller: Caller,
  name: string,
  { environment }: z.output<typeof variableQuery>,
): Promise<void> {
  await dataFor(caller).mutation(api.variables.remove, { name, environment: environment ?? null });
}

const readable = (organizationId: string, stored: WrappedKey): Buffer =>
  openDataKey(organizationId, stored, "variables_unreadable");

/** No value has a NUL: nothing of them has to be escaped, so that all of them fit into one row. */
const SEPARATOR = "\0";
const packed = (variables: readonly SessionVariable[]): string =>
  variables.flatMap(({ name, reach, value }) => [name, reach, value]).join(SEPARATOR);

function unpacked(text: string): SessionVariable[] {
  const parts = text.split(SEPARATOR);
  return Array.from({ length: Math.floor(parts.length / 3) }, (_, index) => {
    const [name = "", reach, value = ""] = parts.slice(3 * index);
    return { name, value, reach: VARIABLE_REACHES.find((known) => known === reach) ?? "terminals" };
  });
}

const keptPlace = (organizationId: string, sessionId: string): SecretPlace => ({
  organizationId,
  name: `session-variables:${sessionId}`,
  version: 1,
});

type Sealed = FunctionReturnType<typeof api.variables.forSession>["variables"];

const valuesOf = (key: Buffer, organizationId: string, variables: Sealed): SessionVariable[] =>
  variables.map((row) => ({
    name: row.name,
    reach: row.reach,
    value: opened(
      () => open(key, placeOf(organizationId, row, row.version), row.ciphertext),
      "variables_unreadable",
    ),
  }));

/** The variables of the environment that a set-up snapshot is built for. @throws HttpError key_unreadable */
export async function buildVariables(buildId: Id<"setupBuilds">): Promise<SessionVariable[]> {
  const { organizationId, dataKey, variables } = await serviceData().query(api.setupBuilds.variables, {
    buildId,
  });
  if (!organizationId || !dataKey || variables.length === 0) return [];
  return valuesOf(readable(organizationId, dataKey), organizationId, variables);
}

/** How often what was read may be out of date when it is kept. */
const TRIES = 4;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 200;

/**
 * What a session begins with, kept until it ends. Idempotent until then.
 * @param generation of the session's lease, which the caller holds
 * @throws HttpError key_unreadable
 */
export async function beginVariables(
  sessionId: Id<"sandboxSessions">,
  organizationId: string,
  generation: number,
): Promise<SessionVariable[]> {
  const data = serviceData();
  const once = async () => {
    const { dataKey, variables } = await data.query(api.variables.forSession, { sessionId });
    if (!dataKey || variables.length === 0) return [];
    const key = readable(organizationId, dataKey);
    const found = valuesOf(key, organizationId, variables);
    const ciphertext = seal(key, keptPlace(organizationId, sessionId), packed(found));
    const names = Object.keys(environmentFrom(found, "agent"));
    const { wrapped } = dataKey;
    await data.mutation(api.variables.keep, { sessionId, generation, ciphertext, wrapped, names });
    return found;
  };
  return await retry(once, {
    timeoutMs: PATIENCE_MS,
    pauseMs: PAUSE_MS,
    tries: TRIES,
    isPassing: (error) => refusalOf(error)?.kind === "variable_race",
  });
}

/** What a session has begun with, as long as it has not ended. @throws HttpError key_unreadable */
export async function keptVariables(sessionId: Id<"sandboxSessions">): Promise<SessionVariable[]> {
  const kept = await serviceData().query(api.variables.kept, { sessionId });
  if (!kept) return [];
  const { organizationId, ciphertext, dataKey } = kept;
  const key = readable(organizationId, dataKey);
  return unpacked(
    opened(() => open(key, keptPlace(organizationId, sessionId), ciphertext), "variables_unreadable"),
  );
}

/** Few: one with the most that a session can have takes some tens of MB. */
const MAX_MASKERS = 20;
const MASKER_MS = 30_000;

/** Hides a session's variables, beside Studio's own secrets, in what people are shown of its sandbox. */
export async function maskerOf(sessionId: string): Promise<Masker> {
  const maskers = cacheOf<Promise<Masker>>("session-maskers", { max: MAX_MASKERS, ttlMs: MASKER_MS });
  return await cached(maskers, sessionId, async () => {
    const id = sessionId as Id<"sandboxSessions">;
    const kept = await keptVariables(id);
    return new Masker([...kept.map(({ value }) => value), ...(await serverSecrets(id))]);
  });
}

/** As a process gets them. */
export const environmentFrom = (
  variables: readonly SessionVariable[],
  reach: VariableReach,
): Record<string, string> =>
  Object.fromEntries(variables.filter((one) => one.reach === reach).map(({ name, value }) => [name, value]));
