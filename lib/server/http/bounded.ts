import { randomUUID } from "node:crypto";
import { TooLarge, withBoundedBody } from "#net/body.ts";
import { type HttpError, problemResponse } from "./error.ts";
import { refuse } from "./refuse.ts";
import { MAX_UNKNOWN_BODY_BYTES } from "./limits.ts";

/** The refusal of a body that is too long. */
export const tooLargeBody = (maxBytes: number): HttpError => refuse("body_too_large", { maxBytes });

/**
 * A handler of requests by anybody, whose library reads bodies of any length: it gets one that was read here, of at most
 * 64 KB. A longer one is answered with a problem (413) before it is read, or as soon as it shows.
 */
export function boundedHandler(
  handle: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    let bounded: Request;
    try {
      bounded = await withBoundedBody(request, MAX_UNKNOWN_BODY_BYTES);
    } catch (error) {
      // A body that broke off has nobody left who would read an answer.
      const problem =
        error instanceof TooLarge ? tooLargeBody(MAX_UNKNOWN_BODY_BYTES) : refuse("body_incomplete");
      return problemResponse(problem, request, randomUUID());
    }
    return await handle(bounded);
  };
}
