import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { LimitsScreen } from "#components/settings/limits-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Limits" };

export default async function LimitsPage() {
  const { member } = await pageMember("/settings/limits");
  if (!roleAtLeast(member.role, "member")) forbidden();
  return <LimitsScreen isAdmin={roleAtLeast(member.role, "admin")} />;
}
