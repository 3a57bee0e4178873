import type { Metadata } from "next";
import { RegistriesScreen } from "#components/settings/registries-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Registries" };

export default async function RegistriesPage() {
  const { member } = await pageMember("/settings/registries");
  return (
    <RegistriesScreen
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can add, change, and remove registries; you're a ${member.role}.`
      }
    />
  );
}
