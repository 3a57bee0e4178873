import type { Doc } from "#convex/_generated/dataModel.js";
import { Masker } from "#domain/mask.ts";
import { upstreamOf } from "./upstream.ts";
import { keptVariables } from "./variables.ts";
import { serverSecrets } from "../mcp/session.ts";
import { agentKey } from "../sandbox/sandbox.ts";

/**
 * Knows all secrets that Studio put into a session's sandbox: the same on every server, so that one that takes the
 * session over hides them too. Those that are stored as hashes alone have a form of their own, which every masker knows.
 */
export async function maskerFor(session: Doc<"sandboxSessions">): Promise<Masker> {
  const key = session.keySource === "platform" ? null : (await upstreamOf(session))?.key;
  const door = session.acpServerId === undefined ? [] : [agentKey(session._id, session.acpServerId)];
  const given = (await keptVariables(session._id)).map(({ value }) => value);
  return new Masker([...door, ...(key ? [key] : []), ...given, ...(await serverSecrets(session._id))]);
}
