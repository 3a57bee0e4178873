import type { Metadata } from "next";
import { VariablesScreen } from "#components/settings/variables-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Variables" };

export default async function VariablesPage() {
  const { member } = await pageMember("/settings/variables");
  return (
    <VariablesScreen
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can add, change, and remove variables; you're a ${member.role}.`
      }
    />
  );
}
