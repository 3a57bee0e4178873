import type { Metadata } from "next";
import { ProvidersScreen } from "../../../../components/settings/providers-screen.tsx";
import { api } from "../../../../convex/_generated/api.js";
import { roleAtLeast } from "../../../../lib/domain/roles.ts";
import { platformProviders } from "../../../../lib/server/catalog.ts";
import { dataFor } from "../../../../lib/server/convex/client.ts";
import { pageMember } from "../../member.ts";
import { app as t } from "../../../../lib/client/messages/app.ts";
import { fill } from "../../../../lib/client/messages/text.ts";

export const metadata: Metadata = { title: t.providers };

export default async function ProvidersPage() {
  const { member } = await pageMember("/settings/providers");
  return (
    <ProvidersScreen
      initial={await dataFor(member).query(api.providerKeys.list, {})}
      platform={platformProviders()}
      barred={
        roleAtLeast(member.role, "admin")
          ? undefined
          : fill(t.adminsAddReplaceAndRemove, { role: member.role })
      }
    />
  );
}
