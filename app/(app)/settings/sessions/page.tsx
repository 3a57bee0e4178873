import type { Metadata } from "next";
import { SessionSettingsScreen } from "#components/settings/session-settings-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { meansOf, offeredModels } from "#server/catalog.ts";
import { savedWork } from "#server/settings/saved-work.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Sessions" };

export default async function SessionSettingsPage() {
  const { member } = await pageMember("/settings/sessions");
  const [means, work] = await Promise.all([meansOf(member), savedWork(member)]);
  return (
    <SessionSettingsScreen
      settings={means.settings}
      models={offeredModels(means)}
      savedWork={work}
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can change these; you're a ${member.role}.`
      }
    />
  );
}
