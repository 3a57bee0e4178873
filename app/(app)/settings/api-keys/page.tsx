import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { ApiKeysScreen } from "#components/settings/api-keys-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "API keys" };

export default async function ApiKeysPage() {
  const { member } = await pageMember("/settings/api-keys");
  if (!roleAtLeast(member.role, "admin")) forbidden();
  return <ApiKeysScreen />;
}
