import type { Metadata } from "next";
import { SkillsScreen } from "#components/settings/skills-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Skills" };

export default async function SkillsPage() {
  const { member } = await pageMember("/settings/skills");
  return (
    <SkillsScreen
      isAdmin={roleAtLeast(member.role, "admin")}
      userId={member.userId}
      disabledReason={
        roleAtLeast(member.role, "member")
          ? undefined
          : `Only members and admins can add and change skills; you're a ${member.role}.`
      }
    />
  );
}
