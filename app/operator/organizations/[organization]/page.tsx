import type { Metadata } from "next";
import { OrganizationScreen } from "#components/operator/organization-screen.tsx";
import { pageOperator } from "../../operator.ts";

export const metadata: Metadata = { title: "Organization" };

export default async function OrganizationPage({ params }: { params: Promise<{ organization: string }> }) {
  await pageOperator();
  const { organization } = await params;
  return <OrganizationScreen id={decodeURIComponent(organization)} />;
}
