import type { Metadata } from "next";
import { SupportScreen } from "#components/settings/support-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Support access" };

export default async function SupportPage() {
  const { member } = await pageMember("/settings/support");
  const mayChange = roleAtLeast(member.role, "admin");
  return (
    <SupportScreen
      disabledReason={mayChange ? undefined : `Only admins can change this; you're a ${member.role}.`}
    />
  );
}
