import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { Principal } from "#domain/principal.ts";
import { memberOf, signedIn } from "#server/auth/principal.ts";

/** Who opens a page, and as what. Asked once a request, however many of its parts ask. */
export const visitor = cache(async () => {
  const who = await signedIn(await headers());
  const member: Extract<Principal, { kind: "member" }> | null = await memberOf(who);
  return { who, member };
});

/**
 * Who opens this page, as a member of the organization they work in. Anyone else is sent to where
 * they can become one, and from the sign-in back to `path`.
 */
export async function pageMember(path: string) {
  const { who, member } = await visitor();
  if (!who) redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  if (!member || !who.organization) redirect("/organizations/new");
  return { member, organization: who.organization };
}
