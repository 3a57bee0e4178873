import type { Metadata } from "next";
import { SupportSessionsScreen } from "#components/operator/support-screens.tsx";
import { pageOperator } from "../../../operator.ts";

export const metadata: Metadata = { title: "Sessions" };

export default async function SupportSessionsPage({ params }: { params: Promise<{ organization: string }> }) {
  await pageOperator();
  const { organization } = await params;
  return <SupportSessionsScreen organization={decodeURIComponent(organization)} />;
}
