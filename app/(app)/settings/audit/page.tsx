import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { AuditScreen } from "#components/settings/audit-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Audit log" };

export default async function AuditPage() {
  const { member } = await pageMember("/settings/audit");
  if (!roleAtLeast(member.role, "admin")) forbidden();
  return <AuditScreen />;
}
