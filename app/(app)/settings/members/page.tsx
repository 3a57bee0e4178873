import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { ClerkMembers, MembersScreen } from "#components/members/members-screen.tsx";
import { membersHere } from "#server/auth/organization.ts";
import { env, usesClerk } from "#server/env.ts";
import { pageMember, visitor } from "../../member.ts";

export const metadata: Metadata = { title: "Members & roles" };

export default async function MembersPage() {
  await pageMember("/settings/members");
  if (usesClerk()) return <ClerkMembers />;
  const organization = await membersHere(await headers());
  // Removed between the two questions.
  if (!organization) redirect("/organizations/new");
  const { who } = await visitor();
  return (
    <MembersScreen
      initial={organization}
      me={who?.user.externalId ?? ""}
      origin={new URL(env().STUDIO_PUBLIC_URL).origin}
    />
  );
}
