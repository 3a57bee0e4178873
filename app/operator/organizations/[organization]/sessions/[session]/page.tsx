import type { Metadata } from "next";
import { SupportLogScreen } from "#components/operator/support-screens.tsx";
import { pageOperator } from "../../../../operator.ts";

export const metadata: Metadata = { title: "Session log" };

export default async function SupportLogPage({
  params,
}: {
  params: Promise<{ organization: string; session: string }>;
}) {
  await pageOperator();
  const { organization, session } = await params;
  return (
    <SupportLogScreen organization={decodeURIComponent(organization)} id={decodeURIComponent(session)} />
  );
}
