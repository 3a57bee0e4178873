import { api } from "#convex/_generated/api.js";
import type { grantedSupportResponse, grantSupportBody, supportAccessResponse } from "#contracts/support.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";

const iso = (at: number) => new Date(at).toISOString();

/** Until when the operator may read the organization's sessions, and why. */
export async function supportAccess(caller: Principal): Promise<z.infer<typeof supportAccessResponse>> {
  const found = await dataFor(caller).query(api.supportAccess.told, {});
  if (!found) return { support_access: null };
  const { at, by, until, reason } = found;
  return { support_access: { granted_at: iso(at), granted_by: by, until: iso(until), reason } };
}

/** Lets the operator read them. @throws forbidden */
export async function grantSupportAccess(
  caller: Principal,
  body: z.output<typeof grantSupportBody>,
): Promise<z.infer<typeof grantedSupportResponse>> {
  const { until } = await dataFor(caller).mutation(api.supportAccess.grant, body);
  return { until: iso(until) };
}

/** Ends that at once, if it holds. @throws forbidden */
export async function endSupportAccess(caller: Principal): Promise<void> {
  await dataFor(caller).mutation(api.supportAccess.end, {});
}
