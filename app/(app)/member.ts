import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { Principal } from "../../lib/domain/principal.ts";
import { memberOf, signedIn } from "../../lib/server/auth/principal.ts";

/**
 * Who opens this page, as a member of the organization they work in. Anyone else is sent to where
 * they can become one. Asked once a request, however many of its parts ask.
 */
export const pageMember = cache(async () => {
  const who = await signedIn(await headers());
  if (!who) redirect("/sign-in");
  const member: Extract<Principal, { kind: "member" }> | null = await memberOf(who);
  if (!member || !who.organization) redirect("/organizations/new");
  return { member, user: who.user, organization: who.organization };
});
