import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { serviceData } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import { type Found, listOf, lookAt } from "./test.ts";
import { openValues } from "./values.ts";

/**
 * Looks at a server that is on, if that is due: what it offers now, or why it can't be used, is what people see of it. A
 * tool that differs from what was approved is called by nobody until somebody has looked at it.
 */
export async function lookAgain(serverId: Id<"mcpServers">): Promise<void> {
  const data = serviceData();
  const server = await data.mutation(api.sessionMcp.claim, { serverId });
  if (!server?.dataKey) return;
  const { organizationId, version, dataKey } = server;
  let found: Found;
  try {
    found = await lookAt(
      organizationId,
      { ...server, id: serverId },
      openValues(organizationId, { ...server, dataKey }),
    );
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    found = { ok: false, message: error.message };
  }
  await data.mutation(api.sessionMcp.noteFound, {
    serverId,
    version,
    ...(found.ok
      ? {
          status: "connected",
          serverInfo: found.info,
          latencyMs: found.latencyMs,
          found: listOf(found.tools),
        }
      : { status: "error", statusDetail: found.message.slice(0, 1_000) }),
  });
}
