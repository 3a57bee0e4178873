import type { Metadata } from "next";
import { SetupScreen } from "#components/settings/setup-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Set-up" };

export default async function SetupPage() {
  const { member } = await pageMember("/settings/setup");
  return (
    <SetupScreen
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can change these; you're a ${member.role}.`
      }
    />
  );
}
