import type { Metadata } from "next";
import { OverviewScreen } from "#components/operator/overview-screen.tsx";
import { pageOperator } from "./operator.ts";

export const metadata: Metadata = { title: "Operator" };

export default async function OverviewPage() {
  await pageOperator();
  return <OverviewScreen />;
}
