import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { repositoryBody } from "#contracts/git.ts";
import { isObjectId, isRefName } from "#domain/git.ts";
import type { Principal } from "#domain/principal.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { serverOf } from "./connections.ts";
import { findRef } from "./remote.ts";

/** Somebody waits for it. */
const FIND_MS = 15_000;

/**
 * What a session is to begin from, as Convex takes it: its server is asked for the commit.
 * @throws HttpError not_found | forbidden | invalid_request | git_failed | key_unreadable
 */
export async function repositoryToStart(
  caller: Exclude<Principal, { kind: "service" }>,
  { connection, url, ref, full }: z.output<typeof repositoryBody>,
) {
  if (ref !== undefined && !isObjectId(ref) && !isRefName(ref)) throw refuse("git_ref_malformed", { ref });
  const wanted = { connection, url };
  const names = await serviceData().query(api.sessionRepositories.resolve, {
    actor: actorOf(caller),
    ...wanted,
  });
  const server = await serverOf(caller.organizationId, connection);
  if (!server) throw refuse("git_connection_not_found", { connection });
  return { ...wanted, full, base: await findRef(server, names, ref, FIND_MS) };
}
