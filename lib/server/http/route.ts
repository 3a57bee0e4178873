import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { problemsOf, type RouteDeclaration, type RouteResponse } from "#contracts/route.ts";
import {
  type BodyOf,
  type JsonOf,
  type ParamsOf,
  type QueryOf,
  type RouteName,
  ROUTES,
  type Routes,
} from "#contracts/routes.ts";
import { isDeeper } from "#domain/json-depth.ts";
import { readRequest, TooLarge } from "#net/body.ts";
import type { Principal } from "#domain/principal.ts";
import type { Operator } from "#domain/operator.ts";
import { operatorOf } from "../auth/operators.ts";
import { isForeignWrite, principalOf } from "../auth/principal.ts";
import { tooLargeBody } from "./bounded.ts";
import { checkJson, checkMedia, checksResponses, noteUndeclared } from "./check-response.ts";
import { metrics, traced } from "../telemetry/telemetry.ts";
import { inRequestContext } from "../request-context.ts";
import { asHttpError, HttpError, problemResponse } from "./error.ts";
import { MAX_BODY_BYTES } from "./limits.ts";
import { CLIENT_ADDRESS } from "./connection.ts";
import { countOperator, countRequest, countStranger } from "./rate-limit.ts";
import { refuse } from "./refuse.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** What a route's handler gets: who asks, and what was sent, checked. */
interface Handled<N extends RouteName> {
  request: Request;
  caller: Caller;
  params: ParamsOf<N>;
  body: BodyOf<N>;
  query: QueryOf<N>;
}

/** What a handler returns: the JSON that its route declares, a `Response` where that is a stream or a file, or nothing. */
type Returned<N extends RouteName> =
  | (Routes[N]["response"] extends { media: string } | { or: object } ? Response : never)
  | (Routes[N]["response"] extends { json: z.ZodType } ? JsonOf<N> : never)
  | (Routes[N]["response"] extends { status: 204 } ? void : never);

type NextHandler = (
  request: Request,
  context: { params: Promise<Record<string, string>> },
) => Promise<Response>;

/** Routes that find out who asks by a session's cookie or an API key, and those that are open to anybody. */
type OwnName = RouteName & `${string} /api/${string}`;
type GuardedName = {
  [N in OwnName]: Routes[N]["access"] extends "member" | { scope: string } ? N : never;
}[OwnName];
/** A public route that takes a body. */
type OpenName = { [N in PublicName]: Routes[N] extends { body: z.ZodType } ? N : never }[PublicName];
type PublicName = { [N in OwnName]: Routes[N]["access"] extends "public" ? N : never }[OwnName];

type OperatorName = { [N in OwnName]: Routes[N]["access"] extends "operator" ? N : never }[OwnName];

/** Convex takes values of at most 64; what checks them goes down each. */
const MAX_JSON_DEPTH = 64;

/** The media type of what a request sends. */
export const mediaOf = (request: Request): string | undefined =>
  request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();

async function readJson(request: Request, optional: boolean): Promise<unknown> {
  const type = mediaOf(request);
  if (type !== "application/json" && !optional) throw refuse("json_expected");
  let text: string;
  try {
    text = (await readRequest(request, MAX_BODY_BYTES)).toString("utf8");
  } catch (error) {
    throw error instanceof TooLarge ? tooLargeBody(MAX_BODY_BYTES) : error;
  }
  if (optional && text === "") return {};
  if (type !== "application/json") throw refuse("json_expected");
  if (isDeeper(text, MAX_JSON_DEPTH)) throw refuse("json_too_deep", { limit: MAX_JSON_DEPTH });
  try {
    return JSON.parse(text);
  } catch {
    throw refuse("json_invalid");
  }
}

/** @throws HttpError unsupported_media_type */
function checkUpload(upload: RouteDeclaration["upload"], request: Request): void {
  if (upload && !upload.media.includes(mediaOf(request) ?? ""))
    throw refuse("upload_media", { media: [...upload.media] });
}

/** A misspelled filter must not pass for one that filters nothing. @throws HttpError invalid_request */
function checkQuery(schema: z.ZodObject | undefined, sent: URLSearchParams): unknown {
  const known = Object.keys(schema?.shape ?? {});
  const unknown = [...sent.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuse("parameter_unknown", { name: unknown, known });
  return check(schema, Object.fromEntries(sent), "query");
}

function check(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const large = result.error.issues.find(
    (issue) => issue.code === "custom" && issue.params?.code === "too_large",
  );
  const first = errors[0];
  const detail = first?.path
    ? `${first.path}: ${first.message}`
    : (first?.message ?? `The ${what} is not valid.`);
  throw new HttpError(large ? "too_large" : "invalid_request", large?.message ?? detail, { errors });
}

/** The parameters of the path. What no route here can have in its place is not found. */
function checkParams(schema: z.ZodType | undefined, params: Record<string, string>): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const own = issue?.code === "invalid_value" ? issue.message : undefined;
  throw own === undefined ? refuse("address_unknown") : new HttpError("not_found", own);
}

/** A handler's result as the response that its route declares. */
function respond(
  name: RouteName,
  declared: RouteResponse,
  result: unknown,
  headers: Record<string, string>,
): Response {
  if (result instanceof Response) {
    if (checksResponses()) checkMedia(name, declared, result);
    return result;
  }
  if (!("json" in declared)) return new Response(null, { status: declared.status });
  if (checksResponses()) checkJson(name, declared.json, result);
  return Response.json(result, {
    status: declared.status,
    headers: {
      ...headers,
      "cache-control": "no-store",
      ...(declared.download !== undefined && {
        "content-disposition": `attachment; filename="${declared.download}"`,
      }),
    },
  });
}

/** Handles requests to a route, within a trace and a count of their own; a throw becomes problem details. */
function handler(
  name: OwnName,
  handle: (request: Request, context: Parameters<NextHandler>[1], requestId: string) => Promise<Response>,
): NextHandler {
  return async (request, context) => {
    const requestId = randomUUID();
    const parent = request.headers.get("traceparent") ?? undefined;
    const startedAt = performance.now();
    const answer = async () => {
      try {
        return await handle(request, context, requestId);
      } catch (error) {
        const refusal = asHttpError(error, requestId);
        if (checksResponses()) noteUndeclared(name, problemsOf(ROUTES[name]), refusal.code);
        return problemResponse(refusal, request, requestId);
      }
    };
    return await inRequestContext(
      { requestId },
      async () =>
        await traced(name, { kind: "server", parent, attributes: { requestId } }, async (span) => {
          const response = await answer();
          span.set({ "http.response.status_code": response.status });
          metrics().request(name, response.status, performance.now() - startedAt);
          return response;
        }),
    );
  };
}

const bodyOf = async (declared: RouteDeclaration, request: Request): Promise<unknown> =>
  declared.body
    ? check(declared.body, await readJson(request, declared.bodyOptional ?? false), "body")
    : undefined;

/**
 * Makes the handler of a declared route: finds out who asks, checks what was sent, and sends refusals as problem
 * details. Who may do it is decided by Convex's builders, in the caller's name. In tests and development the response
 * is checked against its declaration, too.
 * @param name of the route in the table; the types of what `handle` gets and returns follow from it
 */
export function route<N extends GuardedName>(
  name: N,
  handle: (input: Handled<N>) => Promise<Returned<N>>,
): NextHandler {
  const declared: RouteDeclaration = ROUTES[name];
  return handler(name, async (request, context, requestId) => {
    const caller = await principalOf(request);
    const limits = await countRequest(caller, declared.quota);
    const query = checkQuery(declared.query, new URL(request.url).searchParams);
    checkUpload(declared.upload, request);
    const body = await bodyOf(declared, request);
    const params = checkParams(declared.params, await context.params);
    // The table's own schemas have just made these: the only place where their types are taken from its declaration.
    const input = { request, caller, params, query, body } as Handled<N>;
    return respond(name, declared.response, await handle(input), { "x-request-id": requestId, ...limits });
  });
}

/** The same for a route of the operator's console: to anybody else there is no such address. */
export function operatorRoute<N extends OperatorName>(
  name: N,
  handle: (input: Omit<Handled<N>, "caller"> & { operator: Operator }) => Promise<Returned<N>>,
): NextHandler {
  const declared: RouteDeclaration = ROUTES[name];
  return handler(name, async (request, context, requestId) => {
    const operator = isForeignWrite(request) ? null : await operatorOf(request.headers);
    if (!operator) throw refuse("address_unknown");
    const limits = await countOperator(operator.by);
    const query = checkQuery(declared.query, new URL(request.url).searchParams);
    const body = await bodyOf(declared, request);
    const params = checkParams(declared.params, await context.params);
    const input = { request, operator, params, query, body } as unknown as Parameters<typeof handle>[0];
    return respond(name, declared.response, await handle(input), { "x-request-id": requestId, ...limits });
  });
}

/** The same for a route that anybody may call with a body: where a request comes from is counted. */
export function openRoute<N extends OpenName>(
  name: N,
  handle: (input: { body: BodyOf<N>; address: string }) => Promise<Returned<N>>,
): NextHandler {
  const declared: RouteDeclaration = ROUTES[name];
  return handler(name, async (request, _context, requestId) => {
    const address = request.headers.get(CLIENT_ADDRESS) ?? "unknown";
    const limits = await countStranger(address);
    const body = (await bodyOf(declared, request)) as BodyOf<N>;
    const done = await handle({ body, address });
    return respond(name, declared.response, done, { "x-request-id": requestId, ...limits });
  });
}

/** Makes the handler of a declared route that anybody may call, and that takes nothing. */
export function publicRoute<N extends PublicName>(
  name: N,
  handle: () => Promise<Returned<N>>,
): () => Promise<Response> {
  return async () => respond(name, ROUTES[name].response, await handle(), {});
}
