import type { Metadata } from "next";
import { SessionSettingsScreen } from "../../../../components/settings/session-settings-screen.tsx";
import { roleAtLeast } from "../../../../lib/domain/roles.ts";
import { meansOf, offeredModels } from "../../../../lib/server/catalog.ts";
import { pageMember } from "../../member.ts";
import { app as t } from "../../../../lib/client/messages/app.ts";
import { fill } from "../../../../lib/client/messages/text.ts";

export const metadata: Metadata = { title: t.sessions };

export default async function SessionSettingsPage() {
  const { member } = await pageMember("/settings/sessions");
  const means = await meansOf(member);
  return (
    <SessionSettingsScreen
      settings={means.settings}
      models={offeredModels(means)}
      barred={
        roleAtLeast(member.role, "admin") ? undefined : fill(t.adminsChangeThese, { role: member.role })
      }
    />
  );
}
