import type { Metadata } from "next";
import { OperatorAuditScreen } from "#components/operator/operator-audit-screen.tsx";
import { pageOperator } from "../operator.ts";

export const metadata: Metadata = { title: "Operator's audit" };

export default async function OperatorAuditPage() {
  await pageOperator();
  return <OperatorAuditScreen />;
}
