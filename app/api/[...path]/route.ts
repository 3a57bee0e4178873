import { randomUUID } from "node:crypto";
import { HttpError, problemResponse } from "../../../lib/server/http/error.ts";

/** Says that an address of the API is none: a program gets a problem, not the page that people get. */
function nothingHere(request: Request): Response {
  const error = new HttpError("not_found", "The API has no such address.");
  return problemResponse(error, request, randomUUID());
}

export {
  nothingHere as DELETE,
  nothingHere as GET,
  nothingHere as PATCH,
  nothingHere as POST,
  nothingHere as PUT,
};
