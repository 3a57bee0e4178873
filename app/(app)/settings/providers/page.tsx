import type { Metadata } from "next";
import { ProvidersScreen } from "#components/settings/providers-screen.tsx";
import { api } from "#convex/_generated/api.js";
import { roleAtLeast } from "#domain/roles.ts";
import { platformProviders } from "#server/catalog.ts";
import { dataFor } from "#server/convex/client.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Providers" };

export default async function ProvidersPage() {
  const { member } = await pageMember("/settings/providers");
  return (
    <ProvidersScreen
      initial={await dataFor(member).query(api.providerKeys.list, {})}
      platform={platformProviders()}
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can add, replace, and remove keys; you're a ${member.role}.`
      }
    />
  );
}
