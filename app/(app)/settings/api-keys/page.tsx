import type { Metadata } from "next";
import { ApiKeysScreen } from "../../../../components/settings/api-keys-screen.tsx";
import { roleAtLeast } from "../../../../lib/domain/roles.ts";
import { pageMember } from "../../member.ts";
import { app as t } from "../../../../lib/client/messages/app.ts";
import { fill } from "../../../../lib/client/messages/text.ts";

export const metadata: Metadata = { title: t.apiKeys };

export default async function ApiKeysPage() {
  const { member } = await pageMember("/settings/api-keys");
  return (
    <ApiKeysScreen
      barred={
        roleAtLeast(member.role, "admin") ? undefined : fill(t.adminsSeeMakeAndRevoke, { role: member.role })
      }
    />
  );
}
