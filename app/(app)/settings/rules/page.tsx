import type { Metadata } from "next";
import { RulesScreen } from "#components/settings/rules-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { readSettings } from "#server/settings/settings.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Rules" };

export default async function RulesPage() {
  const { member } = await pageMember("/settings/rules");
  return (
    <RulesScreen
      settings={await readSettings(member)}
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can change rules for everyone; you're a ${member.role}.`
      }
    />
  );
}
