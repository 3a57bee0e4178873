import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { readRequest, TooLarge } from "../../net/body.ts";
import type { Principal } from "../../domain/principal.ts";
import { principalOf } from "../auth/principal.ts";
import { HttpError, problemResponse } from "./error.ts";
import { tooLargeBody } from "./bounded.ts";
import { MAX_BODY_BYTES } from "./limits.ts";
import { countRequest, type Quota } from "./rate-limit.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** What a route's handler gets: who asks, and what was sent, checked. */
export interface Handled<Body, Query> {
  request: Request;
  requestId: string;
  caller: Caller;
  params: Record<string, string>;
  body: Body;
  query: Query;
}

interface Declaration<Body, Query> {
  /** Schema of the JSON body; without it a body is not read. */
  body?: z.ZodType<Body>;
  /** With it, a request without a body counts as one with `{}`. */
  bodyOptional?: boolean;
  query?: z.ZodType<Query>;
  handle: (input: Handled<Body, Query>) => Promise<Response | object>;
  /** Status of an answer that is an object. */
  status?: number;
  /** What the request counts against; by default the caller's own quota. */
  quota?: Quota;
}

async function readJson(request: Request, optional: boolean): Promise<unknown> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const wrongType = () =>
    new HttpError("unsupported_media_type", "Send the body as JSON, with `Content-Type: application/json`.");
  if (type !== "application/json" && !optional) throw wrongType();
  let text: string;
  try {
    text = (await readRequest(request, MAX_BODY_BYTES)).toString("utf8");
  } catch (error) {
    throw error instanceof TooLarge ? tooLargeBody(MAX_BODY_BYTES) : error;
  }
  if (optional && text === "") return {};
  if (type !== "application/json") throw wrongType();
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError("invalid_request", "The body is not valid JSON.");
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
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
  throw new HttpError(large ? "too_large" : "invalid_request", large?.message ?? detail, errors);
}

/**
 * Makes a route handler: finds out who asks, checks what was sent, answers refusals as problem details.
 * Who may do it is decided by Convex's builders, in the caller's name.
 */
export function route<Body = undefined, Query = undefined>(declaration: Declaration<Body, Query>) {
  return async (
    request: Request,
    context: { params: Promise<Record<string, string>> },
  ): Promise<Response> => {
    const requestId = randomUUID();
    try {
      const caller = await principalOf(request);
      const limits = await countRequest(caller, declaration.quota);
      const query = declaration.query
        ? check(declaration.query, Object.fromEntries(new URL(request.url).searchParams), "query")
        : undefined;
      const body = declaration.body
        ? check(declaration.body, await readJson(request, declaration.bodyOptional ?? false), "body")
        : undefined;
      const answer = await declaration.handle({
        request,
        requestId,
        caller,
        params: await context.params,
        body: body as Body,
        query: query as Query,
      });
      if (answer instanceof Response) return answer;
      return Response.json(answer, {
        status: declaration.status ?? 200,
        headers: { "x-request-id": requestId, "cache-control": "no-store", ...limits },
      });
    } catch (error) {
      return problemResponse(error, request, requestId);
    }
  };
}
