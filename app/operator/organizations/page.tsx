import type { Metadata } from "next";
import { OrganizationsScreen } from "#components/operator/organizations-screen.tsx";
import { pageOperator } from "../operator.ts";

export const metadata: Metadata = { title: "Organizations" };

export default async function OrganizationsPage() {
  await pageOperator();
  return <OrganizationsScreen />;
}
