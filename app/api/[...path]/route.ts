import { randomUUID } from "node:crypto";
import { problemResponse } from "../../../lib/server/http/error.ts";
import { reasonOf } from "../../../lib/server/http/refused-address.ts";
import { refuse, refuseWith } from "../../../lib/server/http/refuse.ts";

/** Refuses what the API has no handler for: a program gets a problem, not the page that people get. */
function nothingHere(request: Request): Response {
  const requestId = randomUUID();
  const reason = reasonOf(request.headers);
  if (!reason) return problemResponse(refuse("address_unknown"), request, requestId);
  const at = new Request(new URL(reason.path, request.url));
  if (reason.kind === "address_invalid") return problemResponse(refuse("address_invalid"), at, requestId);
  const { method, allowed } = reason;
  const headers = { allow: allowed.join(", ") };
  return problemResponse(refuseWith({ headers }, "method_unknown", { method, allowed }), at, requestId);
}

export {
  nothingHere as DELETE,
  nothingHere as GET,
  nothingHere as PATCH,
  nothingHere as POST,
  nothingHere as PUT,
};
