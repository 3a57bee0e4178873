import { ConvexError } from "convex/values";
import { problemDetails, PROBLEMS, type ProblemCode, type Refused } from "#domain/problems/details.ts";
import { problemFor } from "#domain/problems.ts";
import { PLURALS, PROJECT_KINDS, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import { internal } from "../_generated/api";
import type { ActionCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";
import { sha256Of } from "./skills.ts";

/** What a platform's answer may have, with room for the rest: 20 MiB, and a character may have three bytes. */
const MAX_PROJECT_CHARS = 6_000_000;
/** Bytes of a request: a whole project, with what JSON needs around its quotes. */
const MAX_BODY_BYTES = 16_000_000;
/** How often a project is read again that changes while it is read. */
const MAX_READS = 4;

export type Environment = "development" | "production";
export type Texts = Record<ProjectKind, string[]>;

export const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });

/** A refusal with what else its reader needs to know. */
export class SyncRefusal extends Error {
  readonly refused: Refused;
  readonly besides: object;

  constructor(refused: Refused, besides: object = {}) {
    super(refused.message);
    this.refused = refused;
    this.besides = besides;
  }
}

const isCode = (code: unknown): code is ProblemCode =>
  typeof code === "string" && Object.hasOwn(PROBLEMS, code);

/** A ConvexError's data is an object here, and its text on the way out of some calls. */
function dataOf(error: unknown): {
  code?: unknown;
  kind?: string;
  message?: string;
  params?: Refused["params"];
} {
  if (!(error instanceof ConvexError)) return {};
  const { data } = error as ConvexError<never>;
  return typeof data === "string" ? (JSON.parse(data) as object) : data;
}

/** Any throw as RFC 9457 problem details; what is none of ours goes on, to the platform's log. */
function problem(error: unknown, request: Request): Response {
  const { code, kind, message, params } = dataOf(error);
  let refused: Refused;
  if (error instanceof SyncRefusal) refused = error.refused;
  else if (isCode(code)) refused = { code, kind, params, message: message ?? "Refused." };
  else throw error;
  const requestId = crypto.randomUUID();
  const details = problemDetails(refused, new URL(request.url).pathname, requestId);
  return new Response(JSON.stringify({ ...details, ...(error instanceof SyncRefusal && error.besides) }), {
    status: details.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-request-id": requestId,
      ...(details.status === 401 && { "www-authenticate": "Bearer" }),
    },
  });
}

/** A request's key, as it is stored, and its body. */
export interface SyncRequest {
  keyHash: string;
  body: unknown;
  via: "cli" | "api";
}

/** Reads a body that is bounded in bytes; none at all counts as an empty object. @throws too_large | invalid_request */
async function bodyOf(request: Request): Promise<unknown> {
  const tooLarge = () => refuse("project_body_too_large", { maxBytes: MAX_BODY_BYTES });
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > MAX_BODY_BYTES) throw tooLarge();
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw refuse("project_body_not_json");
  }
}

/** Handles a request that shows a key, whatever comes of it. */
export const withKey =
  (handle: (ctx: ActionCtx, request: SyncRequest) => Promise<Response>) =>
  async (ctx: ActionCtx, request: Request): Promise<Response> => {
    try {
      const key = /^Bearer (\S{1,500})$/.exec(request.headers.get("authorization") ?? "")?.[1];
      if (!key) throw refuse("api_key_missing");
      const via = request.headers.get("user-agent")?.startsWith("struere/") ? "cli" : "api";
      const keyHash = await sha256Of(key);
      try {
        return await handle(ctx, { keyHash, body: await bodyOf(request), via });
      } catch (error) {
        // A person with an expired key may know that it was one.
        const at =
          dataOf(error).kind === "api_key_invalid"
            ? await ctx.runQuery(internal.sync.expiredAt, { keyHash })
            : null;
        throw at === null ? error : refuse("api_key_expired", { at: new Date(at).toISOString() });
      }
    } catch (error) {
      return problem(error, request);
    }
  };

/** What a key's query told; null stands for a key that is not valid. @throws unauthenticated */
export function ofKey<T>(found: T | null): T {
  if (found === null) throw refuse("api_key_invalid");
  return found;
}

async function readOnce(ctx: ActionCtx, keyHash: string, from?: Environment): Promise<Texts> {
  let chars = 0;
  const found: Texts = { agent: [], entityType: [], role: [], trigger: [], file: [] };
  for (const kind of PROJECT_KINDS) {
    let cursor: string | null = null;
    do {
      const page: { texts: string[]; cursor: string | null } = ofKey(
        await ctx.runQuery(internal.sync.definitions, { keyHash, kind, cursor, ...(from && { from }) }),
      );
      found[kind].push(...page.texts);
      chars += page.texts.reduce((sum, text) => sum + text.length, 0);
      if (chars > MAX_PROJECT_CHARS) throw refuse("project_too_large", { maxChars: MAX_PROJECT_CHARS });
      ({ cursor } = page);
    } while (cursor !== null);
  }
  return found;
}

/**
 * Everything of an environment at one revision: it is read a page at a time, and read again where it changes meanwhile.
 * @throws unauthenticated | too_large | project_moved
 */
export async function readProject(
  ctx: ActionCtx,
  keyHash: string,
  from?: Environment,
): Promise<{ revision: number; texts: Texts }> {
  const at = async () =>
    ofKey(await ctx.runQuery(internal.sync.state, { keyHash, ...(from && { from }) })).revision;
  const began = await at();
  for (let read = 0, revision = began; read < MAX_READS; read += 1) {
    const texts = await readOnce(ctx, keyHash, from);
    const after = await at();
    if (after === revision) return { revision, texts };
    revision = after;
  }
  throw refuse("project_moved", { base: began, revision: await at() });
}

/** A kind's lists, by the name that the API has for them. */
export const byPlural = <T>(of: (kind: ProjectKind) => T): Record<(typeof PLURALS)[ProjectKind], T> =>
  Object.fromEntries(PROJECT_KINDS.map((kind) => [PLURALS[kind], of(kind)])) as Record<
    (typeof PLURALS)[ProjectKind],
    T
  >;

/** The names of each kind, as a push tells them. */
export const countsOf = (created: ProjectName[], updated: ProjectName[], deleted: ProjectName[]) =>
  byPlural((kind) => {
    const slugs = (names: ProjectName[]) =>
      names.filter((name) => name.kind === kind).map(({ slug }) => slug);
    return { created: slugs(created), updated: slugs(updated), deleted: slugs(deleted) };
  });

/** A definition's faults as a problem's `errors` have them. */
export function faultsProblem(errors: { path: string; message: string }[]): SyncRefusal {
  const { code, kind, params, message } = problemFor("project_invalid", { problems: errors.length });
  return new SyncRefusal({ code, kind, params, message, errors: errors.slice(0, 500) });
}
