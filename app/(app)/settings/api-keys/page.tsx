import type { Metadata } from "next";
import { ApiKeysScreen } from "../../../../components/settings/api-keys-screen.tsx";
import { roleAtLeast } from "../../../../lib/domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "API keys" };

export default async function ApiKeysPage() {
  const { member } = await pageMember("/settings/api-keys");
  return (
    <ApiKeysScreen
      barred={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Admins see, make and revoke them; you are a ${member.role}. Ask an admin for a key with the scopes you need.`
      }
    />
  );
}
