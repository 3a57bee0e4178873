import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AccountScreen } from "#components/account/account-screen.tsx";
import { usesClerk } from "#server/env.ts";
import { visitor } from "../../member.ts";

export const metadata: Metadata = { title: "Account" };

/** For everybody who is signed in: one can be in no organization, and end one's account. */
export default async function AccountPage() {
  const { who, member } = await visitor();
  if (!who) redirect("/sign-in?next=/settings/account");
  const { user, organization } = who;
  return (
    <AccountScreen
      name={user.name}
      email={user.email}
      clerk={usesClerk()}
      organization={organization && member && { ...organization, role: member.role }}
    />
  );
}
