import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { OrganizationForm } from "#components/account/organization-form.tsx";
import { OtherWays } from "#components/account/other-ways.tsx";
import { Sheet } from "#components/account/sheet.tsx";
import { organizationsOf } from "#server/auth/organization.ts";
import { signedIn } from "#server/auth/principal.ts";
import { usesClerk } from "#server/env.ts";

export const metadata: Metadata = { title: "Name your organization" };

export default async function NewOrganizationPage() {
  const sent = await headers();
  if (!(await signedIn(sent))) redirect("/sign-in?next=/organizations/new");
  if (usesClerk()) {
    const { ClerkNewOrganization } = await import("#server/auth/clerk-pages.tsx");
    return (
      <Sheet>
        <ClerkNewOrganization />
      </Sheet>
    );
  }
  const organizations = await organizationsOf(sent);
  return (
    <Sheet>
      <OrganizationForm first={organizations.length === 0} />
      <OtherWays organizations={organizations} />
    </Sheet>
  );
}
