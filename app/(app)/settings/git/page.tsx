import type { Metadata } from "next";
import { GitScreen } from "#components/settings/git-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Git" };

export default async function GitPage() {
  const { member } = await pageMember("/settings/git");
  return (
    <GitScreen
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can add, change, and remove connections; you're a ${member.role}.`
      }
    />
  );
}
