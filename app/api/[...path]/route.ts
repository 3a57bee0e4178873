import { randomUUID } from "node:crypto";
import { problemResponse } from "../../../lib/server/http/error.ts";
import { refuse } from "../../../lib/server/http/refuse.ts";

/** Says that an address of the API is none: a program gets a problem, not the page that people get. */
function nothingHere(request: Request): Response {
  return problemResponse(refuse("address_unknown"), request, randomUUID());
}

export {
  nothingHere as DELETE,
  nothingHere as GET,
  nothingHere as PATCH,
  nothingHere as POST,
  nothingHere as PUT,
};
