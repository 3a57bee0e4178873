import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { OrganizationForm } from "../../../components/account/organization-form.tsx";
import { Sheet } from "../../../components/account/sheet.tsx";
import { signedIn } from "../../../lib/server/auth/principal.ts";

export const metadata: Metadata = { title: "Name your organization" };

export default async function NewOrganizationPage() {
  if (!(await signedIn(await headers()))) redirect("/sign-in?next=/organizations/new");
  return (
    <Sheet>
      <OrganizationForm />
    </Sheet>
  );
}
