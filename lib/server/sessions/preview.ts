import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { PreviewAnswer, previewBody } from "#contracts/preview.ts";
import type { Principal } from "#domain/principal.ts";
import { refuse } from "../http/refuse.ts";
import { sealPass } from "../preview/pass.ts";
import { canPreview, previewOrigin } from "../preview/place.ts";
import { ENTER } from "../preview/server.ts";
import { sandboxToDrive } from "./files.ts";

const TICKET_MS = 60_000;

/**
 * An address under which the caller's browser opens a port of the session's sandbox, good for a minute.
 * @throws HttpError unavailable where previews are not set up | invalid_request | session_stopped
 */
export async function openPreview(
  caller: Exclude<Principal, { kind: "service" }>,
  sessionId: string,
  { port, path }: z.output<typeof previewBody>,
): Promise<PreviewAnswer> {
  await sandboxToDrive(caller, sessionId);
  if (!canPreview(port)) throw refuse("port_reserved", { port });
  const origin = previewOrigin({ sessionId, port });
  if (origin === undefined) throw refuse("previews_off");
  const expiresAt = Date.now() + TICKET_MS;
  const ticket = sealPass({ kind: "ticket", sessionId, port, caller, expiresAt, id: randomUUID() });
  const url = `${origin}${ENTER}?ticket=${encodeURIComponent(ticket)}&to=${encodeURIComponent(path)}`;
  return { url, origin, expiresAt };
}
